//! The choices of a run: everything that could also have gone another way.
//!
//! A choice is a number below the number of its options, and 0 is the usual option. The choices of
//! a run are a string of bytes, from which the run can be repeated. When the string ends, everything
//! goes the usual way.

use std::sync::Arc;

use fastrand::Rng;

use crate::recording::Recording;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Which of the things happens next that can happen now.
    Order,
    /// What happens when nothing is under way.
    Idle,
    /// A detail of something that happens: how long, which one.
    Detail,
    /// What goes wrong, if anything does.
    Fault,
    /// How the world is set up.
    Setup,
}

/// A choice that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// What was chosen.
    pub kind: Kind,
    /// How many options there were.
    pub options: u8,
    /// Which one was taken.
    pub taken: u8,
}

/// Makes choices, and records them.
#[derive(Debug)]
pub struct Choices {
    source: Source,
    made: Vec<Made>,
    recording: Option<Arc<Recording>>,
}

#[derive(Debug)]
enum Source {
    Given(Vec<u8>),
    Random(Box<Random>),
}

/// The random numbers of one run.
#[derive(Debug)]
struct Random {
    rng: Rng,
    /// How often the order is the usual one, of 256.
    usual: u8,
    /// How often something goes wrong, of 256.
    wrong: u8,
}

impl Choices {
    /// These choices, and the usual ones after them. A byte that is too large counts modulo the
    /// number of options.
    #[must_use]
    pub const fn given(bytes: Vec<u8>) -> Self {
        Self {
            source: Source::Given(bytes),
            made: Vec::new(),
            recording: None,
        }
    }

    /// Random choices: the same ones for the same seed and run.
    #[must_use]
    pub fn random(seed: u64, run: u64) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ run);
        let usual = [64, 128, 192, 230][rng.usize(..4)];
        let wrong = [0, 12, 32, 80][rng.usize(..4)];
        Self {
            source: Source::Random(Box::new(Random { rng, usual, wrong })),
            made: Vec::new(),
            recording: None,
        }
    }

    /// Also records the choices here.
    pub(crate) fn on(self, recording: Option<Arc<Recording>>) -> Self {
        Self { recording, ..self }
    }

    /// Chooses one of so many options. If there is one only, that is no choice.
    pub(crate) fn choose(&mut self, kind: Kind, options: usize) -> usize {
        let options = u8::try_from(options).unwrap_or(u8::MAX);
        if options < 2 {
            return 0;
        }
        let taken = match &mut self.source {
            Source::Given(bytes) => {
                let byte = bytes.get(self.made.len()).copied();
                byte.unwrap_or_default() % options
            }
            Source::Random(random) => {
                let rng = &mut random.rng;
                let usual = match kind {
                    Kind::Order => rng.u8(..) < random.usual,
                    Kind::Fault => rng.u8(..) >= random.wrong,
                    Kind::Idle | Kind::Detail | Kind::Setup => false,
                };
                if usual { 0 } else { rng.u8(..options) }
            }
        };
        if let Some(recording) = &self.recording {
            recording.choose(taken);
        }
        self.made.push(Made {
            kind,
            options,
            taken,
        });
        taken.into()
    }

    /// The choices so far.
    #[must_use]
    pub fn made(&self) -> &[Made] {
        &self.made
    }
}
