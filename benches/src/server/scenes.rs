//! The open scenes, and the requests with which a figure controls them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde::Serialize;
use tokio::task::AbortHandle;

use super::answer::Answer;
use super::request::Request;
use super::scene::Scene;
use super::site;
use crate::BoxError;

/// By their ports.
#[derive(Debug, Default)]
pub(crate) struct Scenes(Mutex<BTreeMap<u16, Playing>>);

#[derive(Debug)]
struct Playing {
    scene: Arc<Scene>,
    serving: AbortHandle,
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Scenes {
    /// `POST /scenes` opens one, `GET /scenes/PORT` is its record, `DELETE` ends it. `POST` to its
    /// `departed` waits until a token call has arrived, to its `release` releases it.
    pub(crate) async fn answer(&self, request: &Request) -> Answer {
        let answer = match (&*request.method, &*request.path) {
            ("POST", "/scenes") => self.open(request),
            (method, path) => self.told(method, path).await,
        };
        answer.unwrap_or_else(|error| {
            let error = serde_json::Value::from(error.to_string());
            Answer::json(StatusCode::BAD_REQUEST, &error.to_string())
        })
    }

    fn open(&self, request: &Request) -> Result<Answer, BoxError> {
        let scene = Arc::new(Scene::new(serde_json::from_slice(&request.body)?));
        let listener = site::bind()?;
        let port = listener.local_addr()?.port();
        let serving = tokio::spawn(site::serve(listener, Arc::clone(&scene))).abort_handle();
        self.playing().insert(port, Playing { scene, serving });
        json(&port)
    }

    async fn told(&self, method: &str, path: &str) -> Result<Answer, BoxError> {
        let path = path.strip_prefix("/scenes/").ok_or("there are scenes")?;
        let (port, word) = path.split_once('/').unwrap_or((path, ""));
        let port = port.parse()?;
        let scene = self.playing().get(&port).map(|one| Arc::clone(&one.scene));
        let scene = scene.ok_or("there is no such scene")?;
        match (method, word) {
            ("GET", "") => json(&scene.record()),
            ("DELETE", "") => {
                self.playing().remove(&port);
                json(&())
            }
            ("POST", "departed") => {
                scene.departed().await;
                json(&())
            }
            ("POST", "release") => {
                scene.release();
                json(&())
            }
            (method, word) => Err(format!("no {method} of {word}").into()),
        }
    }

    fn playing(&self) -> MutexGuard<'_, BTreeMap<u16, Playing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn json(said: &impl Serialize) -> Result<Answer, BoxError> {
    Ok(Answer::json(StatusCode::OK, &serde_json::to_string(said)?))
}
