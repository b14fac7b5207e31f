//! The server of the contenders, and their first tokens.

/// A server of the benchmarks, and the tokens that a contender starts with.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Such as `http://127.0.0.1:4321`.
    pub(crate) origin: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    token_path: &'static str,
}

impl Target {
    /// With tokens of a common length: opaque, 43 characters, 256 bits.
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            access_token: "a1".to_owned() + &"x".repeat(41),
            refresh_token: "r1".to_owned() + &"y".repeat(41),
            token_path: "/auth/refresh",
        }
    }

    /// A server where a refresh ends only when it is released.
    pub(crate) fn with_held_refresh(&self) -> Self {
        Self {
            token_path: "/hold/refresh",
            ..self.clone()
        }
    }

    /// The token endpoint.
    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}{}", self.origin, self.token_path)
    }
}
