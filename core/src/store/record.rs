//! The record of a store, as stores see it.

#[cfg(feature = "json")]
mod error;
#[cfg(feature = "json")]
mod form;
#[cfg(feature = "json")]
mod object;
mod unknown;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::SystemTime;

use crate::Token;
use crate::machine::TokenUse;
use crate::machine::holder::{self, Id, OtherRefreshToken, Position, SharedToken};

#[cfg(feature = "json")]
pub use error::RecordError;
use unknown::Unknown;

type StoredRecord = holder::Record<Arc<Token>>;

/// What a store keeps for one sign-in: a token, or that there is none after a sign-out, and what
/// the sessions that share it need to know of each other.
///
/// A store need not look inside: with the feature `json`, a record is bytes
/// ([`to_bytes`](Self::to_bytes), [`from_bytes`](Self::from_bytes)). `Debug` shows no secret.
///
/// # Form
///
/// The bytes are a JSON object:
///
/// ```json
/// {
///   "form": 1,
///   "epoch": 3,
///   "seq": 41,
///   "sign_in": "8f14e45fceea167a5a36dedd4bea2543",
///   "token": { "access_token": "…", "refresh_token": "…", "expires_at": 1764331443 },
///   "claim": {
///     "id": "c9f0f895fb98ab9159f51fd0297e236d",
///     "holder": "editor on laptop",
///     "in_doubt": false,
///     "limit": 30000
///   },
///   "sends": 1,
///   "reusable": false,
///   "dead": false,
///   "token_use": "learn",
///   "write": "45c48cce2e2d7fbdea1afc51c7c6ad26"
/// }
/// ```
///
/// | member | meaning |
/// |---|---|
/// | `form` | the version of this form |
/// | `epoch` | counts sign-ins and sign-outs, from 1 |
/// | `seq` | counts the refreshes of the sign-in |
/// | `sign_in` | identifies the sign-in or sign-out |
/// | `token` | the token in the form of [`Token`]; `null` after a sign-out |
/// | `claim` | the session that is about to send the refresh token, or has sent it; `null` if none |
/// | `claim.id` | random, and new for each claim |
/// | `claim.holder` | the name of the session, for messages: at most 64 characters, without control characters |
/// | `claim.in_doubt` | whether the answer of the token server was lost |
/// | `claim.limit` | how long the session may take, in milliseconds |
/// | `sends` | how often the refresh token may have been sent |
/// | `reusable` | whether an answer has kept the refresh token |
/// | `dead` | whether the token server has refused the refresh token |
/// | `token_use` | the strictest [`TokenUse`](crate::TokenUse) of all sessions: `"learn"`, `"single_use"`, `"reusable"` or `{"grace": …}`, in milliseconds |
/// | `write` | random, and new for each write |
/// | `key` | reserved for the key of a sender-constrained token |
///
/// All members but `key` are always there. Identifiers are 32 hexadecimal digits. Numbers are
/// integers from 0 to 2<sup>53</sup> − 1, and `sends` is less than 2<sup>32</sup>.
///
/// Members that this version does not know are kept when the record is written again, also those
/// within `token` and `claim`. They last as long as the sign-in, and those of a claim as long as the
/// claim. A change that other versions cannot ignore has a higher `form`.
///
/// A record has about 350 bytes more than its tokens, and 430 more while it is claimed: 500 bytes
/// with opaque tokens, and 2.5 kB with two JWTs of 1 kB. That of a sign-out has about 200 bytes.
#[derive(Clone)]
pub struct Record {
    pub(crate) inner: StoredRecord,
    unknown: Unknown,
}

/// Identifies a claim: a session's note in a record that it is about to send the refresh token.
///
/// It is random and new for each claim. `Display` shows it as 32 hexadecimal digits, as it is in
/// [`Record`]: a name for a lock file, for example.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId(pub(crate) Id);

impl Record {
    /// The record of a sign-in with this token, or of a sign-out if it is `None`.
    ///
    /// `over` is the record that it replaces; `None` only if the store never had one. To the
    /// sessions that share the store it is a sign-in or sign-out elsewhere, so
    /// `Record::signed_in(None, Some(&record))` signs all of them out.
    ///
    /// For programs that are not sessions, such as a login command, and for tests. A session writes
    /// its records itself ([`Session::replace`](crate::Session::replace),
    /// [`Session::sign_out`](crate::Session::sign_out)).
    ///
    /// ```
    /// use reauth::store::{MemoryStore, Record, Saved, TokenStore};
    /// use reauth::Token;
    ///
    /// # async fn example(store: MemoryStore) -> Result<(), reauth::store::StoreError> {
    /// let token = Token::new("ACCESS TOKEN")?.with_refresh_token("REFRESH TOKEN");
    /// let stored = store.load().await?;
    /// let record = Record::signed_in(token, stored.as_ref().map(|stored| &stored.record));
    /// let version = stored.as_ref().map(|stored| &stored.version);
    /// match store.save_if(version, &record).await? {
    ///     Saved::Kept(_) => println!("signed in"),
    ///     _ => println!("another program has changed the record: try again"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signed_in(token: impl Into<Option<Token>>, over: Option<&Self>) -> Self {
        let epoch = over.map_or(0, |over| over.inner.position.epoch);
        let position = Position {
            epoch: epoch.saturating_add(1),
            seq: 0,
            sign_in: random(),
        };
        let token = token.into().map(Arc::new);
        // The weakest use: the sessions make it stricter.
        Self::written(StoredRecord::new(position, token, TokenUse::Reusable), over)
    }

    /// The record after a refresh of its token, which brought this one. Nobody has claimed it, and
    /// its refresh token was never sent. After a sign-out the token is dropped.
    ///
    /// For tests and programs that are not sessions, as [`signed_in`](Self::signed_in). A program
    /// that refreshes without a claim may send a refresh token that a session sends too.
    #[must_use]
    pub fn refreshed(&self, token: Token) -> Self {
        let position = Position {
            seq: self.inner.position.seq.saturating_add(1),
            ..self.inner.position
        };
        let token = self.token().map(|_| Arc::new(token));
        let inner = StoredRecord::new(position, token, self.inner.token_use);
        Self::written(inner, Some(self))
    }

    fn written(inner: StoredRecord, over: Option<&Self>) -> Self {
        let write = random();
        Self::next(StoredRecord { write, ..inner }, over)
    }

    /// The record that replaces `over`. It keeps the members of the same sign-in that this version
    /// does not know.
    pub(crate) fn next(inner: StoredRecord, over: Option<&Self>) -> Self {
        let unknown = over.map(|over| over.unknown.kept(&over.inner, &inner));
        Self {
            inner,
            unknown: unknown.unwrap_or_default(),
        }
    }

    /// The record as bytes, in the form above. They contain the token in clear.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        form::write(self)
    }

    /// Reads a record in the form above.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if it is not a complete and valid record, or if a newer version of this crate
    /// wrote it ([`RecordError::is_newer_form`]). A store returns the error from
    /// [`load`](super::TokenStore::load), and changes nothing.
    #[cfg(feature = "json")]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        form::read(bytes)
    }

    /// The token; `None` after a sign-out.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        self.inner.token.as_deref()
    }

    /// Whether a session that opens the store uses this token instead.
    pub(crate) fn yields_to(&self, token: &Token) -> bool {
        let stored = self.token().and_then(Token::refresh_token);
        self.inner.yields_to(match stored == token.refresh_token() {
            true => OtherRefreshToken::No,
            false => OtherRefreshToken::Yes,
        })
    }

    /// The claim of the session that is refreshing the token, if one is.
    #[must_use]
    pub fn claim(&self) -> Option<ClaimId> {
        self.inner.claim.as_ref().map(|claim| ClaimId(claim.id))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("position", &self.inner.position)
            .field("token", &self.inner.token)
            .field("claim", &self.inner.claim)
            .field("sends", &self.inner.sends)
            .field("dead", &self.inner.dead)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0.0)
    }
}

impl fmt::Debug for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimId({self})")
    }
}

impl SharedToken for Arc<Token> {
    fn has_same_refresh_token(&self, other: &Self) -> bool {
        self.refresh_token().is_some() && self.refresh_token() == other.refresh_token()
    }
}

/// A random number. It need not be secret.
pub(crate) fn random() -> Id {
    // A copy of this process, after a fork or of a virtual machine, must draw others.
    let here_and_now = (std::process::id(), SystemTime::now());
    let half = || u128::from(RandomState::new().hash_one(here_and_now));
    Id(half() << 64 | half())
}

#[cfg(test)]
mod tests;
