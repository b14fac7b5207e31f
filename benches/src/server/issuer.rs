//! The tokens of a scene.

use std::time::{Duration, Instant};

use super::setup::{Accepts, Setup};

/// Issues tokens by number: `a2xxx…` with `r2yyy…`, after the `a1` and `r1` that all start with.
#[derive(Debug)]
pub(crate) struct Issuer {
    accepts: Accepts,
    lifetime: Option<Duration>,
    /// When each was issued, starting with the second.
    issued: Vec<Instant>,
    /// Whether the newest token was used already.
    newest: Newest,
    sign_in: SignIn,
    reused: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Newest {
    Fresh,
    Shown,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SignIn {
    Good,
    /// A refresh token was used twice.
    Revoked,
}

impl Issuer {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            accepts: setup.accepts,
            lifetime: setup.lifetime_ms.map(Duration::from_millis),
            issued: Vec::new(),
            newest: Newest::Fresh,
            sign_in: SignIn::Good,
            reused: 0,
        }
    }

    pub(crate) fn reused(&self) -> usize {
        self.reused
    }

    /// Whether a request with this token is accepted.
    pub(crate) fn accepts(&mut self, bearer: Option<&str>) -> bool {
        let number = || number(bearer?, 'a', 'x');
        let issued = |issuer: &Self| {
            let since = issuer.issued.get(number()?.checked_sub(2)?)?;
            let lasts = |lifetime| since.elapsed() < lifetime;
            Some(issuer.lifetime.is_none_or(lasts))
        };
        match self.accepts {
            Accepts::Anything => true,
            Accepts::Issued => self.sign_in == SignIn::Good && issued(self) == Some(true),
            Accepts::Once => {
                let good = number() == Some(self.issued.len() + 1)
                    && !self.issued.is_empty()
                    && self.newest == Newest::Fresh;
                self.newest = Newest::Shown;
                good
            }
        }
    }

    /// The response to a token call with this refresh token; `None` if it is refused.
    pub(crate) fn trade(&mut self, refresh_token: &str) -> Option<String> {
        let newest = self.issued.len() + 1;
        match (self.sign_in, number(refresh_token, 'r', 'y')) {
            (SignIn::Good, Some(number)) if number == newest => {}
            (_, Some(number)) if number < newest => {
                self.reused += 1;
                self.sign_in = SignIn::Revoked;
                return None;
            }
            (SignIn::Good | SignIn::Revoked, _) => return None,
        }
        self.issued.push(Instant::now());
        self.newest = Newest::Fresh;
        let newest = newest + 1;
        let access = format!("{:x<43}", format!("a{newest}"));
        let refresh = format!("{:y<43}", format!("r{newest}"));
        let expires = self.lifetime.map_or_else(String::new, |lifetime| {
            format!(r#","expires_in":{}"#, lifetime.as_secs_f64())
        });
        Some(format!(
            r#"{{"access_token":"{access}","refresh_token":"{refresh}","token_type":"Bearer"{expires}}}"#
        ))
    }
}

fn number(token: &str, prefix: char, padding: char) -> Option<usize> {
    let number = token.strip_prefix(prefix)?.trim_end_matches(padding);
    number.parse().ok()
}
