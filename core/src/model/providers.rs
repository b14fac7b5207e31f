//! The answers of `docs/providers.md`, for the grants alone and again over sockets.

/// A provider, from its section of the page.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name.
    pub name: &'static str,
    lines: Vec<(&'static str, &'static str)>,
}

/// An answer on the page.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The provider that sends it.
    pub provider: &'static str,
    /// Its status.
    pub status: u16,
    /// Its body, with `ACCESS` in the place of an access token.
    pub body: &'static str,
    /// Its class, by the page.
    pub class: &'static str,
}

/// All providers, in the order of the page.
///
/// # Panics
///
/// If the page has another form.
#[must_use]
pub fn providers() -> Vec<Provider> {
    const PAGE: &str = include_str!("../../docs/providers.md");
    let sections = PAGE.split("\n## ").skip(1);
    let provider = |section: &'static str| {
        let (name, lines) = section.split_once('\n').expect("a section has lines");
        let lines = lines.lines().filter_map(|line| line.strip_prefix("- "));
        let lines = lines.map(|line| line.split_once(": ").expect("a name and a text"));
        Provider {
            name,
            lines: lines.collect(),
        }
    };
    sections.map(provider).collect()
}

impl Provider {
    /// The text after this name, which must occur once.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[must_use]
    pub fn line(&self, name: &str) -> &'static str {
        let mut lines = self.lines.iter().filter(|(known, _)| *known == name);
        match (lines.next(), lines.next()) {
            (Some((_, text)), None) => text,
            _ => panic!("{} has not one line {name:?}", self.name),
        }
    }

    /// The answer to a refresh that succeeds.
    #[must_use]
    pub fn success(&self) -> Sample {
        self.sample(self.line("Success"), "committed")
    }

    /// The answers to refreshes that fail, with their classes.
    ///
    /// # Panics
    ///
    /// If one has no class or no reason, or kills a token that is not dead.
    #[must_use]
    pub fn refusals(&self) -> Vec<Sample> {
        let refusals = self.lines.iter();
        let refusals = refusals.filter(|(name, _)| ["Dead", "Not dead"].contains(name));
        let refusals = refusals.map(|(name, text)| {
            let (sample, class) = text.rsplit_once(" is `").expect("an answer and its class");
            let (class, why) = class.split_once("` (").expect("a class and a reason");
            assert!(why.len() > 1, "{}: why?", self.name);
            assert!(
                *name == "Dead" || class != "refused",
                "{}: {text}",
                self.name
            );
            self.sample(sample, class)
        });
        refusals.collect()
    }

    fn sample(&self, text: &'static str, class: &'static str) -> Sample {
        let sample = text.trim_matches('`').split_once(' ');
        let (status, body) = sample.expect("a status and a body");
        Sample {
            provider: self.name,
            status: status.parse().expect("a status"),
            body,
            class,
        }
    }
}
