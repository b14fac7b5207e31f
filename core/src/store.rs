//! Stores, which keep a token beyond the process, and share it among sessions.
//!
//! Sessions that share a store, in one process or on many machines, share one sign-in: only one of
//! them refreshes, the others use what it got, and a sign-in or sign-out of one is that of all. They
//! need no lock. A session that wants to refresh looks at the [`Record`], writes a *claim* into it,
//! sends the refresh token, and writes the new token. Each write takes the place of the record that
//! the session has looked at, or of none: it is conditional.
//!
//! [`TokenStore`] is that conditional write: implement it for a file, a keyring, Redis, a table or an
//! object store. [`MemoryStore`] is one for a single process.

mod failure;
mod memory;
mod record;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

pub use failure::StoreFailure;
pub use memory::MemoryStore;
#[cfg(feature = "json")]
pub use record::RecordError;
pub(crate) use record::random;
pub use record::{ClaimId, Record};

/// The error of a store.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// Keeps one [`Record`], which is replaced only if its version is the expected one.
///
/// # What a store must do
///
/// - **Replace conditionally.** [`save_if`](Self::save_if) compares the version and writes in one
///   atomic step, against all processes and machines that share the record. Redis does this with a
///   script, SQL with `UPDATE … WHERE version = …`, an object store with `If-Match`, and a file
///   under a file lock.
/// - **Load the latest record.** [`load`](Self::load) returns what the last completed save wrote,
///   whoever wrote it. A cache or a replica that lags behind is not enough: a session does not use
///   an older record than it has seen, and cannot refresh while it reads one.
/// - **Keep what it has acknowledged.** When `save_if` returns [`Saved::Kept`], the record survives
///   a crash and a failover. If a claim is lost, two sessions can send the same refresh token.
/// - **Never use a [`Version`] twice**, also after the record was erased or restored. A counter that
///   begins again at 1 is not a version.
/// - **Leave the record as it is.** [`Record::to_bytes`] contains all that the sessions need, and
///   members of newer versions of this crate. A store that takes the token out and builds a record
///   of its own breaks what the sessions have agreed. The bytes contain the token in clear: encrypt
///   them, or limit who can read them.
/// - **Fail if in doubt.** While a store cannot be read or written, sessions do not refresh, and go
///   on with an access token that is still valid. A store never answers with an empty record because
///   it could not read one.
///
/// A store never expires a record or a claim by itself.
///
/// # What a session does
///
/// It calls its store once when it is opened, and a few times for each refresh: to load, to claim,
/// and to save the new token. A sign-in and a sign-out save too. If the record is claimed by another
/// session, it waits for [`changed`](Self::changed), and loads again from time to time. Requests
/// that are not refused do not touch the store. The calls of one session run one after another,
/// under its deadline. If a save fails or its answer is lost, the session loads to see what became
/// of it, so a store need not try again. Panics are caught.
///
/// # Example
///
/// A row with the bytes of the record and a counter as its version:
///
/// ```
/// use std::sync::{Mutex, PoisonError};
///
/// use reauth::store::{Record, Saved, StoreError, Stored, TokenStore, Version};
///
/// #[derive(Default)]
/// struct Row(Mutex<Option<(Vec<u8>, u64)>>);
///
/// fn stored((bytes, version): &(Vec<u8>, u64)) -> Result<Stored, StoreError> {
///     Ok(Stored {
///         record: Record::from_bytes(bytes)?,
///         version: Version::from(*version),
///     })
/// }
///
/// #[reauth::async_trait]
/// impl TokenStore for Row {
///     async fn load(&self) -> Result<Option<Stored>, StoreError> {
///         let row = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         row.as_ref().map(stored).transpose()
///     }
///
///     async fn save_if(
///         &self,
///         expected: Option<&Version>,
///         record: &Record,
///     ) -> Result<Saved, StoreError> {
///         let mut row = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let version = row.as_ref().map(|(_, version)| *version);
///         if version.map(Version::from).as_ref() != expected {
///             return Ok(Saved::Conflict(row.as_ref().map(stored).transpose()?));
///         }
///         let next = version.unwrap_or(0) + 1;
///         *row = Some((record.to_bytes(), next));
///         Ok(Saved::Kept(next.into()))
///     }
/// }
/// # fn main() -> Result<(), StoreError> {
/// # use reauth::Token;
/// # fn now<T>(future: impl Future<Output = T>) -> T {
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     match std::pin::pin!(future).poll(&mut context) {
/// #         std::task::Poll::Ready(now) => now,
/// #         std::task::Poll::Pending => unreachable!("nothing waits"),
/// #     }
/// # }
/// # let row = Row::default();
/// # let record = Record::signed_in(Token::new("a")?, None);
/// # assert!(matches!(now(row.save_if(None, &record))?, Saved::Kept(_)));
/// # assert!(matches!(now(row.save_if(None, &record))?, Saved::Conflict(Some(_))));
/// # let stored = now(row.load())?.expect("it was saved");
/// # assert_eq!(stored.record.token().expect("a token").access_token(), "a");
/// # let record = stored.record.refreshed(Token::new("b")?);
/// # assert!(matches!(now(row.save_if(Some(&stored.version), &record))?, Saved::Kept(_)));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// Loads the record and its version; `None` if nothing was ever saved.
    ///
    /// It sees every save that completed before it was called, by any session.
    ///
    /// # Errors
    ///
    /// If the store cannot be read, or the record is not valid ([`RecordError`]). The session then
    /// does not refresh: another session may have used the refresh token.
    async fn load(&self) -> Result<Option<Stored>, StoreError>;

    /// Saves the record if the store has the expected version; `None` expects that nothing was ever
    /// saved.
    ///
    /// The comparison and the write are one atomic step. The record is durable when this completes.
    ///
    /// # Errors
    ///
    /// If the store cannot be written. The record may have been saved all the same.
    ///
    /// # Cancel safety
    ///
    /// The session may drop the future at a deadline. The record is then saved or not, now or
    /// later, and the session takes that into account.
    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError>;

    /// Whether the session with this claim is known to be gone, so that the others need not wait
    /// until its time limit is over. The default is `false`.
    ///
    /// A store whose sessions all run on one machine can use a lock file for each claim: `save_if`
    /// takes the lock of [`Record::claim`] **before** it writes the record, and keeps it until it
    /// has saved or found a record without this claim. The operating system releases the lock when the process
    /// ends, and `is_gone` is `true` if the lock is free. A lock on the record itself, or one by
    /// process id, does not tell.
    ///
    /// `true` means that the refresh token *may* have been sent: the session may have ended before or
    /// after that. The others go on as after a lost answer ([`TokenUse`](crate::TokenUse)). It must
    /// never be `true` for a session that still runs, because it may be about to send.
    async fn is_gone(&self, claim: ClaimId) -> bool {
        _ = claim;
        false
    }

    /// Completes when the store may have another version than this one; at once if it already has.
    /// `None` stands for a store without a record.
    ///
    /// It only saves time: the session loads after it, and from time to time without it. It may
    /// complete too early, but then not in a loop. The default never completes.
    ///
    /// # Cancel safety
    ///
    /// The session drops the future when it no longer waits.
    async fn changed(&self, version: Option<&Version>) {
        _ = version;
        std::future::pending().await
    }
}

#[async_trait]
impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        (**self).load().await
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        (**self).save_if(expected, record).await
    }

    async fn is_gone(&self, claim: ClaimId) -> bool {
        (**self).is_gone(claim).await
    }

    async fn changed(&self, version: Option<&Version>) {
        (**self).changed(version).await;
    }
}

/// Names one state of a stored record. Only the store gives it a meaning: a counter, an ETag, a
/// hash of the bytes. Sessions only compare versions for equality.
///
/// A version is never used twice, also after the record was erased. No two records that sessions
/// write are equal, so a collision-resistant hash of the bytes is a version too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Bytes);

impl Version {
    /// A version with this name.
    pub fn new(name: impl Into<Bytes>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<u64> for Version {
    fn from(number: u64) -> Self {
        Self::new(number.to_string())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version(\"{}\")", self.0.escape_ascii())
    }
}

/// What a store has.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// Its version: a new one after each save, which no other save of this store ever had.
    pub version: Version,
}

/// The outcome of [`save_if`](TokenStore::save_if).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Saved {
    /// The record was saved, with this version.
    Kept(Version),
    /// The store had another version than expected. It is unchanged.
    Conflict(Option<Stored>),
}
