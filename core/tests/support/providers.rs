//! The answers of `docs/providers.md`, for the grants alone and again over sockets.

/// A provider, from its section of the page.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    lines: Vec<(&'static str, &'static str)>,
}

/// An answer on the page.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) provider: &'static str,
    pub(crate) status: u16,
    pub(crate) body: &'static str,
    pub(crate) class: &'static str,
}

pub(crate) fn providers() -> Vec<Provider> {
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
    pub(crate) fn line(&self, name: &str) -> &'static str {
        let mut lines = self.lines.iter().filter(|(known, _)| *known == name);
        match (lines.next(), lines.next()) {
            (Some((_, text)), None) => text,
            _ => panic!("{} has not one line {name:?}", self.name),
        }
    }

    pub(crate) fn success(&self) -> Sample {
        self.sample(self.line("Success"), "committed")
    }

    pub(crate) fn refusals(&self) -> Vec<Sample> {
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
