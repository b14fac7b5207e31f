//! The body of a token request: `application/x-www-form-urlencoded`.

use form_urlencoded::Serializer;

/// Names and values, in order. It has no `Debug`, since the values are secrets.
#[derive(Default)]
pub(super) struct Form<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Form<'a> {
    pub(super) fn push(&mut self, name: &'a str, value: &'a str) {
        self.0.push((name, value));
    }

    /// Adds the pairs whose name is not in the form yet. The new pairs may repeat a name.
    pub(super) fn extend_others(&mut self, others: impl Iterator<Item = (&'a str, &'a str)>) {
        let own = self.0.len();
        for (name, value) in others {
            // A repeated parameter makes the request invalid (RFC 6749 section 3.2).
            if self.0[..own].iter().all(|(taken, _)| *taken != name) {
                self.0.push((name, value));
            }
        }
    }

    pub(super) fn encoded(&self) -> String {
        let mut serializer = Serializer::new(String::new());
        serializer.extend_pairs(&self.0).finish()
    }
}
