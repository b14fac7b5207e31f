//! Where a token may go ([RFC 6454](https://www.rfc-editor.org/rfc/rfc6454)).
//!
//! It decides whether a request may carry the session's token. It never knows the token.

#[cfg(feature = "session")]
mod address;
#[cfg(feature = "session")]
mod base;
#[cfg(feature = "session")]
mod path;
#[cfg(feature = "session")]
mod place;
#[cfg(feature = "session")]
mod shown;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[cfg(feature = "session")]
pub(crate) use address::Address;
#[cfg(feature = "session")]
pub(crate) use base::Base;
use http::Uri;
use http::uri::Authority;
#[cfg(feature = "session")]
use http::uri::Scheme;
#[cfg(feature = "session")]
pub(crate) use place::{InvalidOrigin, Place};
#[cfg(all(test, feature = "session"))]
pub(crate) use shown::LONGEST_PATH;
#[cfg(feature = "session")]
pub(crate) use shown::shown;

/// Scheme, host and port, parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    security: Security,
    host: Host,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Security {
    Tls,
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Host {
    Name(String),
    Ip(IpAddr),
}

impl Origin {
    /// The origin of a request's target; none where it is relative, neither `http` nor `https`,
    /// or has userinfo, which a client could turn into credentials of its own.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Self::at(Security::named(uri.scheme_str()?)?, uri.authority()?)
    }

    fn at(security: Security, authority: &Authority) -> Option<Self> {
        if authority.as_str().contains('@') {
            return None;
        }
        let port = match authority.port() {
            Some(port) if port.as_str().bytes().all(|digit| digit.is_ascii_digit()) => {
                // Nobody listens there.
                Some(port.as_u16()).filter(|port| *port > 0)?
            }
            // "+443" is read as a number here, and by others not.
            Some(_) => return None,
            // A port that is no number is not the default one.
            None if authority.as_str().len() > authority.host().len() => return None,
            None => security.default_port(),
        };
        let host = Host::parse(authority.host())?;
        Some(Self {
            security,
            host,
            port,
        })
    }

    /// Host and port, as [`of`](Self::of) reads them again.
    #[cfg(feature = "session")]
    fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Ip(IpAddr::V4(v4)) => v4.to_string(),
            Host::Ip(IpAddr::V6(v6)) => format!("[{v6}]"),
        };
        if self.port == self.security.default_port() {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    #[cfg(feature = "session")]
    fn scheme(&self) -> Scheme {
        match self.security {
            Security::Tls => Scheme::HTTPS,
            Security::Plain => Scheme::HTTP,
        }
    }

    /// Whether nobody on the way can read what goes there.
    pub(crate) fn is_secure(&self) -> bool {
        self.security == Security::Tls || self.host.is_loopback()
    }
}

impl Security {
    fn named(scheme: &str) -> Option<Self> {
        match scheme {
            "https" => Some(Self::Tls),
            "http" => Some(Self::Plain),
            _ => None,
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Tls => 443,
            Self::Plain => 80,
        }
    }
}

impl Host {
    fn parse(host: &str) -> Option<Self> {
        if let Some(v6) = host.strip_prefix('[') {
            let v6: Ipv6Addr = v6.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Ip(v6.into()));
        }
        if let Ok(v4) = host.parse::<Ipv4Addr>() {
            return Some(Self::Ip(v4.into()));
        }
        let name = host.strip_suffix('.').unwrap_or(host);
        let labelled = name.split('.').all(|label| !label.is_empty());
        labelled.then(|| Self::Name(name.to_ascii_lowercase()))
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Ip(ip) => ip.is_loopback(),
        }
    }
}

#[cfg(all(test, feature = "session"))]
mod tests;
