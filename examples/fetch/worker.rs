//! Sends one request after another, and keeps nothing of those that have ended.

use std::sync::Arc;
use std::time::Duration;

use reauth_reqwest::reauth::{Error, ErrorKind, Session, Transport};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::explain::{explain, snake_case};
use crate::report::{Line, Outcome};
use crate::request::{Template, Trail};
use crate::turns::{Turn, Turns};

/// How long a request may take, and then the body of its response.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Sends one request after another.
pub(crate) struct Worker<T> {
    pub(crate) session: Session<T>,
    pub(crate) template: Arc<Template>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) outcomes: mpsc::Sender<Outcome>,
}

impl<T: Transport + 'static> Worker<T> {
    pub(crate) async fn work(self) {
        while let Turn::Go = self.turns.next().await {
            let outcome = self.fetch().await;
            if self.outcomes.send(outcome).await.is_err() {
                return;
            }
        }
    }

    async fn fetch(&self) -> Outcome {
        let trail = Arc::new(Trail::default());
        let request = self.template.request(Arc::clone(&trail));
        let since = Instant::now();
        let mut status = None;
        let failed = match self.session.execute(request).await {
            Ok(mut response) => {
                status = Some(T::status(&response).as_u16());
                read::<T>(&mut response).await.err()
            }
            Err(error) => Some((snake_case(error.kind()), because(&error))),
        };
        let (error, because) = failed.unzip();
        let line = Line {
            status,
            attempts: trail.attempts(),
            generation: trail.generation(),
            ms: (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0,
            error,
        };
        Outcome { line, because }
    }
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Self {
            session: self.session.clone(),
            template: Arc::clone(&self.template),
            turns: Arc::clone(&self.turns),
            outcomes: self.outcomes.clone(),
        }
    }
}

fn because(error: &Error) -> String {
    if error.kind() == ErrorKind::OriginNotAllowed {
        return format!("{}; here: --allow-origin", explain(error));
    }
    explain(error)
}

/// Reads a response to its end, piece by piece.
async fn read<T: Transport>(response: &mut T::Response) -> Result<(), (String, String)> {
    let whole = async {
        while T::chunk(response).await?.is_some() {}
        Ok(())
    };
    match timeout(PATIENCE, whole).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            let error: T::Error = error;
            Err(("body".to_owned(), explain(&error)))
        }
        Err(_) => Err((
            "timeout".to_owned(),
            "the response body took too long".to_owned(),
        )),
    }
}
