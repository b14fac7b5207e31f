//! Which answer a request gets.

use std::time::Duration;

use super::answer::Answer;
use super::hold::Hold;
use super::request::Request;

/// What the server holds, for all its connections.
#[derive(Debug)]
pub(crate) struct Routes {
    book: Answer,
    hold: Hold,
}

impl Default for Routes {
    fn default() -> Self {
        let book = r#"{"id":1,"title":"Middlemarch","author":"George Eliot"}"#;
        Self {
            book: Answer::json("200 OK", book),
            hold: Hold::default(),
        }
    }
}

impl Routes {
    /// `/ok` is always well. Any answer is held back for the milliseconds of `?pause=`.
    pub(crate) async fn answer(&self, request: &Request) -> Answer {
        if let Some(pause) = pause(&request.query) {
            tokio::time::sleep(pause).await;
        }
        if let Some(what) = request.path.strip_prefix("/hold/") {
            return self.hold.answer(what, request).await;
        }
        match (&*request.method, &*request.path) {
            ("GET" | "POST", "/ok") => self.book.clone(),
            _ => Answer::not_found(),
        }
    }
}

fn pause(query: &str) -> Option<Duration> {
    let milliseconds = query.strip_prefix("pause=")?.parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}
