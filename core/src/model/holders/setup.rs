//! The setup of a world of several holders, and the budget of what can happen in it.

use std::fmt;
use std::time::Duration;

use crate::machine::TokenUse;
use crate::model::Rotation;

/// How long a holder may take from before its claim is written until its commit is durable.
pub(super) const LIMIT: Duration = Duration::from_secs(3);

/// For how long a sign-in or sign-out is not late.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How long the server repeats its answer for a spent refresh token.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How much time passes in a step of the clock: a limit passes with the second one.
pub(super) const TICK: u32 = 2;

/// The fixed properties of a world of several holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct HolderSetup {
    /// Whether a refresh token can be sent again after its answer was lost.
    pub token_use: TokenUse,
    /// The use that the first holder was configured with, if it is another one.
    pub first_use: Option<TokenUse>,
    /// Whether a refresh replaces the refresh token.
    pub rotation: Rotation,
    /// What keeps two holders from sending the same refresh token.
    pub guard: Guard,
}

/// What keeps two holders from sending the same refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// The claim, with its limit and the count of sends.
    Claim,
    /// A lease, as it is often written: who has it sends, and it passes on when its time is over.
    Lease,
}

impl HolderSetup {
    /// All setups that make sense: what is set about refresh tokens must be true for the server.
    pub const ALL: [Self; 7] = [
        Self::of(TokenUse::SingleUse, Rotation::On),
        Self::of(TokenUse::Learn, Rotation::On),
        Self::of(TokenUse::Learn, Rotation::Grace),
        Self::of(TokenUse::Learn, Rotation::Off),
        Self::of(TokenUse::Grace(GRACE), Rotation::Grace),
        Self::of(TokenUse::Reusable, Rotation::Off),
        Self {
            first_use: Some(TokenUse::SingleUse),
            ..Self::of(TokenUse::Learn, Rotation::On)
        },
    ];

    /// A lease in the place of the claim.
    pub const LEASE: Self = Self {
        guard: Guard::Lease,
        ..Self::of(TokenUse::SingleUse, Rotation::On)
    };

    const fn of(token_use: TokenUse, rotation: Rotation) -> Self {
        Self {
            token_use,
            first_use: None,
            rotation,
            guard: Guard::Claim,
        }
    }

    pub(super) fn token_use_of(&self, holder: usize) -> TokenUse {
        match self.first_use {
            Some(first) if holder == 0 => first,
            Some(_) | None => self.token_use,
        }
    }
}

/// How often each event may still happen among several holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct HolderBudget {
    /// Flights: requests whose token is refused.
    pub flights: u8,
    /// Crashes of a process.
    pub crashes: u8,
    /// Calls of the store that fail: not done, done all the same, or done later.
    pub store_faults: u8,
    /// Answers of the store that take their time.
    pub slow: u8,
    /// Reads of the record as it was before.
    pub stale: u8,
    /// Restores of the record as it was before.
    pub restores: u8,
    /// Faults of the token server.
    pub faults: u8,
    /// Sign-ins.
    pub sign_ins: u8,
    /// Sign-outs.
    pub sign_outs: u8,
    /// Expiries of all access tokens.
    pub expiries: u8,
    /// Steps of the clock.
    pub ticks: u8,
    /// Clocks of a holder that run ahead.
    pub skews: u8,
    /// Times that the store tells a holder that the process of a claim is gone.
    pub gone: u8,
}

impl HolderBudget {
    /// Nothing can happen.
    pub const NOTHING: Self = Self {
        flights: 0,
        crashes: 0,
        store_faults: 0,
        slow: 0,
        stale: 0,
        restores: 0,
        faults: 0,
        sign_ins: 0,
        sign_outs: 0,
        expiries: 0,
        ticks: 0,
        skews: 0,
        gone: 0,
    };

    /// What is needed to lose a session under a lease.
    pub const LEASE: Self = Self {
        flights: 2,
        ticks: 2,
        ..Self::NOTHING
    };

    /// The sum of what is left. It falls with each step that is charged.
    pub(super) fn left(&self) -> u32 {
        [
            self.flights,
            self.crashes,
            self.store_faults,
            self.slow,
            self.stale,
            self.restores,
            self.faults,
            self.sign_ins,
            self.sign_outs,
            self.expiries,
            self.ticks,
            self.skews,
            self.gone,
        ]
        .into_iter()
        .map(u32::from)
        .sum()
    }
}

impl HolderBudget {
    /// What happens in each group of worlds of this many holders that is explored by default.
    #[must_use]
    pub const fn plans(holders: u8) -> &'static [Self] {
        match holders {
            0..=2 => &TWO,
            3.. => &THREE,
        }
    }
}

impl fmt::Display for HolderBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = [
            ("flights", self.flights),
            ("crashes", self.crashes),
            ("store faults", self.store_faults),
            ("slow answers", self.slow),
            ("stale reads", self.stale),
            ("restores", self.restores),
            ("token server faults", self.faults),
            ("sign-ins", self.sign_ins),
            ("sign-outs", self.sign_outs),
            ("expiries", self.expiries),
            ("steps of the clock", self.ticks),
            ("clocks ahead", self.skews),
            ("holders known to be gone", self.gone),
        ];
        let some = events.into_iter().filter(|(_, times)| *times > 0);
        let some: Vec<_> = some
            .map(|(name, times)| format!("{name}: {times}"))
            .collect();
        f.write_str(&some.join(", "))
    }
}

impl fmt::Display for HolderSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token use {:?}", self.token_use)?;
        if let Some(first) = self.first_use {
            write!(f, ", of the first holder {first:?}")?;
        }
        write!(f, ", rotation {:?}", self.rotation)
    }
}

const NOTHING: HolderBudget = HolderBudget::NOTHING;

const TWO: [HolderBudget; 12] = [
    HolderBudget {
        flights: 2,
        stale: 1,
        store_faults: 1,
        sign_ins: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 3,
        store_faults: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        crashes: 1,
        gone: 1,
        store_faults: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        faults: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        faults: 1,
        store_faults: 1,
        ticks: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        slow: 1,
        stale: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        ticks: 2,
        skews: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        sign_ins: 1,
        sign_outs: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        store_faults: 1,
        sign_ins: 1,
        ticks: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        crashes: 1,
        sign_ins: 1,
        ticks: 1,
        ..NOTHING
    },
    HolderBudget {
        store_faults: 1,
        sign_ins: 1,
        sign_outs: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        stale: 1,
        restores: 1,
        faults: 1,
        expiries: 1,
        ..NOTHING
    },
];

const THREE: [HolderBudget; 6] = [
    HolderBudget {
        flights: 3,
        crashes: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 3,
        store_faults: 1,
        ticks: 2,
        ..NOTHING
    },
    HolderBudget {
        flights: 3,
        faults: 1,
        ticks: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 3,
        sign_ins: 1,
        ticks: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 2,
        sign_ins: 1,
        sign_outs: 1,
        ..NOTHING
    },
    HolderBudget {
        flights: 3,
        stale: 1,
        expiries: 1,
        ..NOTHING
    },
];
