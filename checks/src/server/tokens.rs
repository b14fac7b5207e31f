//! The texts of an account's tokens, which are numbered from 0.

/// The first access token, which the server does not accept, and the first refresh token.
pub(crate) fn first(account: usize) -> (String, String) {
    (access(account, 0), refresh(account, 0))
}

pub(super) fn access(account: usize, number: u32) -> String {
    format!("access-{account}-{number}")
}

pub(super) fn refresh(account: usize, number: u32) -> String {
    format!("refresh-{account}-{number}")
}
