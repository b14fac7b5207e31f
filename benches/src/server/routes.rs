//! Chooses the response of a request.

use std::time::Duration;

use super::answer::Answer;
use super::hold::Hold;
use super::request::Request;
use super::scenes::Scenes;
use super::site::Site;

/// What all connections of the server share.
#[derive(Debug)]
pub(crate) struct Routes {
    book: Answer,
    scenes: Scenes,
    hold: Hold,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            book: Answer::book(),
            scenes: Scenes::default(),
            hold: Hold::default(),
        }
    }
}

impl Site for Routes {
    /// `/ok` always succeeds. `?pause=` delays any response by this many milliseconds.
    async fn answer(&self, request: &Request) -> Answer {
        if let Some(pause) = pause(&request.query) {
            tokio::time::sleep(pause).await;
        }
        if let Some(what) = request.path.strip_prefix("/hold/") {
            return self.hold.answer(what, request).await;
        }
        match (&*request.method, &*request.path) {
            ("GET" | "POST", "/ok") => self.book.clone(),
            (_, path) if path.starts_with("/scenes") => self.scenes.answer(request).await,
            _ => Answer::not_found(),
        }
    }
}

fn pause(query: &str) -> Option<Duration> {
    let milliseconds = query.strip_prefix("pause=")?.parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}
