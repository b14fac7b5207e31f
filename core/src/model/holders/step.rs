//! The steps of a world of several holders.

/// One thing that happens. A number is that of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HolderStep {
    /// The access token of a holder is refused, and a flight departs.
    Fly(u8),
    /// The store handles a holder's call.
    Store(u8, Served),
    /// An answer of the store arrives that took its time.
    Hear(u8),
    /// A holder looks again, after a pause.
    Look(u8),
    /// A holder sends the refresh token that it has claimed.
    Send(u8),
    /// The token server answers a holder.
    Answer(u8, Reply),
    /// A holder writes what is pending.
    Deliver(u8),
    /// The user signs in at a holder.
    SignIn(u8),
    /// The user signs out at a holder.
    SignOut(u8),
    /// The process of a holder crashes. The token server has not seen its call, if there is one.
    Crash(u8),
    /// The process of a holder crashes. The token server processes its call.
    CrashProcessed(u8),
    /// The process of a holder starts again.
    Reopen(u8),
    /// A save that its holder has given up is done now, if the version is still there.
    Land(u8),
    /// The store is restored from a backup.
    Restore,
    /// All access tokens expire.
    Expire,
    /// Time passes.
    Tick,
    /// The store tells a holder that the process of the claim is gone.
    Gone(u8),
    /// The wall clock of a holder jumps ahead.
    Skew(u8),
}

/// How the store handles a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Served {
    /// It answers.
    Done,
    /// It does what was asked; its answer is still on its way.
    Slow,
    /// It saves, and the answer is lost.
    Unheard,
    /// The holder gives the save up, which may be done later.
    Later,
    /// It fails, and does nothing.
    Down,
    /// It reads what was there before.
    Stale,
}

/// How the token server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// According to the refresh token.
    Honest,
    /// It processes the call, and the answer is lost.
    Lost,
    /// The call is lost, and the holder cannot know that.
    Broken,
    /// It does not process the call, and says so.
    Busy,
    /// It does not process the call, because the client is at fault.
    Misconfigured,
    /// It revokes the sign-in.
    Revoked,
}
