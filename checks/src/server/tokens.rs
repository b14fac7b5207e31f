//! What the tokens of an account look like: they are numbered, the first ones with 0.

/// The access token, which the server does not accept, and the refresh token to begin with.
pub(crate) fn first(account: usize) -> (String, String) {
    (access(account, 0), refresh(account, 0))
}

pub(super) fn access(account: usize, number: u32) -> String {
    format!("access-{account}-{number}")
}

pub(super) fn refresh(account: usize, number: u32) -> String {
    format!("refresh-{account}-{number}")
}
