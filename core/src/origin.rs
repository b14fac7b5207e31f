//! Decides to which URLs a token may be sent ([RFC 6454](https://www.rfc-editor.org/rfc/rfc6454)).

#[cfg(feature = "session")]
mod address;
#[cfg(feature = "session")]
mod allowed_origin;
#[cfg(feature = "session")]
mod base;
#[cfg(feature = "session")]
mod path;
#[cfg(feature = "session")]
mod shown;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[cfg(feature = "session")]
pub(crate) use address::Address;
#[cfg(feature = "session")]
pub(crate) use allowed_origin::{AllowedOrigin, InvalidOrigin};
#[cfg(feature = "session")]
pub(crate) use base::Base;
use http::Uri;
use http::uri::Authority;
#[cfg(feature = "session")]
use http::uri::Scheme;
#[cfg(all(test, feature = "session"))]
pub(crate) use shown::LONGEST_PATH;
#[cfg(feature = "session")]
pub(crate) use shown::shown;

/// An origin: scheme, host and port.
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
    /// The origin of a URL. `None` if the URL is relative, is neither `http` nor `https`, or has
    /// user information, which a client could turn into credentials.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Self::at(Security::named(uri.scheme_str()?)?, uri.authority()?)
    }

    fn at(security: Security, authority: &Authority) -> Option<Self> {
        if authority.as_str().contains('@') {
            return None;
        }
        let port = match authority.port() {
            Some(port) if port.as_str().bytes().all(|digit| digit.is_ascii_digit()) => {
                // Port 0 cannot be connected to.
                Some(port.as_u16()).filter(|port| *port > 0)?
            }
            // Parsers disagree about "+443".
            Some(_) => return None,
            // A port that is not a number does not mean the default port.
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

    /// Host and port, in a form that [`of`](Self::of) parses to the same origin.
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

    /// Whether requests are encrypted or stay on this machine.
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
