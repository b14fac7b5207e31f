//! The steps of the script.

use std::fmt;

use reauth_mock_api::{At, Break, How, Resource, TokenEndpoint};

pub(super) enum Step {
    Get,
    Post,
    GetMissing,
    GetWithoutCredentials,
    GetWithOwn,
    GetOfStranger,
    Expire,
    Revoke,
    TokenEndpoint(TokenEndpoint),
    Resource(Resource),
    BreakBooks(Break),
    BreakRefresh(Break),
    SignIn,
    SignOut,
    Close,
}

/// No connection closes before the first line of a response, because some clients would resend
/// the request.
pub(super) const STEPS: &[Step] = &[
    Step::Get,
    Step::Get,
    Step::Expire,
    Step::Get,
    Step::GetMissing,
    Step::Post,
    Step::GetWithoutCredentials,
    Step::GetWithOwn,
    Step::GetOfStranger,
    Step::BreakBooks(Break {
        at: At::InsideHead,
        how: How::Garbage,
    }),
    Step::Get,
    Step::BreakBooks(closing(At::InsideBody)),
    Step::Get,
    Step::Resource(Resource::Large401(1_000_000)),
    Step::Expire,
    Step::Get,
    Step::Resource(Resource::RefuseAll),
    Step::Get,
    Step::Resource(Resource::Healthy),
    Step::Get,
    Step::Expire,
    Step::BreakBooks(closing(At::InsideBody)),
    Step::Get,
    Step::TokenEndpoint(TokenEndpoint::Unavailable {
        retry_after: Some(3_600),
    }),
    Step::Expire,
    Step::Get,
    Step::Get,
    Step::TokenEndpoint(TokenEndpoint::LoseAnswer),
    Step::SignIn,
    Step::Get,
    Step::Expire,
    Step::Get,
    Step::Get,
    Step::TokenEndpoint(TokenEndpoint::ServerError),
    Step::SignIn,
    Step::Expire,
    Step::Get,
    Step::TokenEndpoint(TokenEndpoint::Garbage),
    Step::SignIn,
    Step::Expire,
    Step::Get,
    Step::TokenEndpoint(TokenEndpoint::Healthy),
    Step::SignIn,
    Step::Expire,
    Step::BreakRefresh(closing(At::InsideBody)),
    Step::Get,
    Step::SignIn,
    Step::Get,
    Step::Revoke,
    Step::Get,
    Step::Get,
    Step::SignIn,
    Step::Get,
    Step::SignOut,
    Step::Get,
    Step::SignIn,
    Step::Get,
    Step::Close,
];

const fn closing(at: At) -> Break {
    Break {
        at,
        how: How::Close,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get => f.write_str("the caller gets the books"),
            Self::Post => f.write_str("the caller posts a book"),
            Self::GetMissing => f.write_str("the caller gets what is not there"),
            Self::GetWithoutCredentials => {
                f.write_str("the caller gets the books without credentials")
            }
            Self::GetWithOwn => f.write_str("the caller gets the books with a token of its own"),
            Self::GetOfStranger => f.write_str("the caller gets the books of another origin"),
            Self::Expire => f.write_str("the access tokens expire"),
            Self::Revoke => f.write_str("the refresh tokens are revoked"),
            Self::TokenEndpoint(mode) => write!(f, "the token endpoint is {mode:?}"),
            Self::Resource(mode) => write!(f, "the resource is {mode:?}"),
            Self::BreakBooks(fault) => write!(f, "the next books break: {fault:?}"),
            Self::BreakRefresh(fault) => write!(f, "the next refresh breaks: {fault:?}"),
            Self::SignIn => f.write_str("the caller signs in"),
            Self::SignOut => f.write_str("the caller signs out"),
            Self::Close => f.write_str("the caller closes the session"),
        }
    }
}
