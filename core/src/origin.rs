//! Where a token may go ([RFC 6454](https://www.rfc-editor.org/rfc/rfc6454)).
//!
//! It decides whether a request may carry the session's token. It never knows the token.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::Scheme;

/// Scheme, host and port, parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    secure: Security,
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

/// Why a text is no origin that a session takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvalidOrigin {
    /// It is not `scheme://host` or `scheme://host:port`.
    Malformed,
    /// It is `http`, and not on this machine.
    Insecure,
}

impl Origin {
    /// The origin of a request's target; none where it is relative, neither `http` nor `https`,
    /// or has userinfo, which a client could turn into credentials of its own.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme()?;
        let (secure, default_port) = if *scheme == Scheme::HTTPS {
            (Security::Tls, 443)
        } else if *scheme == Scheme::HTTP {
            (Security::Plain, 80)
        } else {
            return None;
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // A port that is no number is not the default one.
            None if authority.as_str().len() > authority.host().len() => return None,
            None => default_port,
        };
        let host = Host::parse(authority.host())?;
        Some(Self { secure, host, port })
    }

    /// Reads `https://host`, or with a port; `http` is for this machine alone.
    pub(crate) fn secure(text: &str) -> Result<Self, InvalidOrigin> {
        let origin = Self::insecure(text)?;
        if origin.secure == Security::Plain && !origin.host.is_loopback() {
            return Err(InvalidOrigin::Insecure);
        }
        Ok(origin)
    }

    /// As [`secure`](Self::secure), with `http` to anywhere.
    pub(crate) fn insecure(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin::Malformed)?;
        let bare = matches!(
            uri.path_and_query().map(|path| path.as_str()),
            None | Some("/")
        );
        Self::of(&uri)
            .filter(|_| bare)
            .ok_or(InvalidOrigin::Malformed)
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
        (!name.is_empty()).then(|| Self::Name(name.to_ascii_lowercase()))
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Ip(ip) => ip.is_loopback(),
        }
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "an origin is a scheme, a host and maybe a port, without a path",
            Self::Insecure => {
                "tokens go over https, or http on this machine; \
                 insecure_origin allows this origin all the same"
            }
        })
    }
}

impl Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(target: &str) -> Option<Origin> {
        Origin::of(&target.parse().ok()?)
    }

    #[test]
    fn promise_17_an_origin_is_compared_parsed() {
        let api = Origin::secure("https://api.example.com").expect("an origin");
        for same in [
            "https://api.example.com/",
            "https://api.example.com:443/books?x=1",
            "HTTPS://API.Example.COM/books",
            "https://api.example.com./books",
        ] {
            assert_eq!(of(same).as_ref(), Some(&api), "{same}");
        }
        for other in [
            "http://api.example.com/",
            "https://api.example.com:444/",
            "https://api.example.com.evil.org/",
            "https://api.example.comevil.org/",
            "https://evil.org/https://api.example.com/",
            "https://example.com/",
            "https://api.example.com@evil.org/",
            "https://user@api.example.com/",
            "https://api.example.com:443@evil.org/",
            "ftp://api.example.com/",
            "https://api.example.com:x/",
            "https://api.example.com:/",
            "//api.example.com/",
            "/books",
            "api.example.com",
        ] {
            assert_ne!(of(other).as_ref(), Some(&api), "{other}");
        }
    }

    #[test]
    fn promise_17_addresses_are_compared_as_addresses() {
        let v6 = Origin::secure("http://[::1]:8000").expect("an origin");
        assert_eq!(of("http://[0:0:0:0:0:0:0:1]:8000/x").as_ref(), Some(&v6));
        assert_ne!(of("http://[::2]:8000/x").as_ref(), Some(&v6));
        let v4 = Origin::secure("http://127.0.0.1:8000").expect("an origin");
        assert_ne!(of("http://localhost:8000/x").as_ref(), Some(&v4));
    }

    #[test]
    fn promise_17_http_is_for_this_machine_or_allowed_by_name() {
        for local in ["http://localhost", "http://127.8.8.8:1", "http://[::1]"] {
            assert!(Origin::secure(local).is_ok(), "{local}");
        }
        let far = "http://api.example.com";
        let refused = Origin::secure(far).expect_err("insecure");
        assert!(refused.to_string().contains("insecure_origin"), "{refused}");
        assert!(Origin::insecure(far).is_ok());
        assert!(Origin::secure("http://localhost.evil.org").is_err());
    }

    #[test]
    fn an_origin_has_no_path() {
        for text in [
            "",
            "https://",
            "https://a/b",
            "https://a/?b",
            "a",
            "https://u@a",
        ] {
            assert_eq!(
                Origin::insecure(text),
                Err(InvalidOrigin::Malformed),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_target_panics(target in "\\PC{0,64}") {
            _ = of(&target);
        }

        #[test]
        fn promise_17_no_other_name_is_ours(host in "[a-zA-Z0-9.@:/?#\\[\\]-]{1,40}") {
            let api = Origin::secure("https://api.example.com").expect("an origin");
            let ours = ["api.example.com", "api.example.com."];
            if of(&format!("https://{host}/")) == Some(api) {
                let authority = host.split(['/', '?', '#']).next().unwrap_or_default();
                let name = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
                prop_assert!(ours.contains(&name.as_str()), "{host}");
            }
        }
    }
}
