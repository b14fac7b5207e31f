//! What a session is given: a transport, a clock, a store. Each is a view of the world.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri};
use reauth::store::{Record, Saved, StoreError, Stored, TokenStore, Version};
use reauth::{
    Body, BoxFuture, Connection, Failure, Reason, Runtime, Spawner, Transport, async_trait,
};

use crate::calls::{Answer, Answered, Asked, Attempt, Head, Place, Rest};
use crate::servers::number;
use crate::setup::Tasks;
use crate::world::{Holder, SpawnedTask, World};

/// The text of the panics that a run causes.
pub(crate) const ON_PURPOSE: &str = "on purpose";

/// A process's access to the world.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) world: Arc<World>,
    pub(crate) holder: Holder,
}

impl Wire {
    fn call(&self, asked: Asked) -> Answered {
        Answered::new(Arc::clone(&self.world), self.holder, asked)
    }
}

/// A response, as this client has it.
#[derive(Debug)]
pub(crate) struct Response {
    status: StatusCode,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
    rest: Option<Rest>,
    wire: Wire,
}

#[derive(Debug)]
pub(crate) struct Failed(Failure);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Error for Failed {}

impl Response {
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.extensions.get().copied()
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    fn new(head: Head, wire: Wire) -> Self {
        let mut headers = HeaderMap::with_capacity(head.headers.len());
        for (name, value) in head.headers {
            let value = HeaderValue::try_from(value).expect("the value is printable");
            headers.insert(HeaderName::from_static(name), value);
        }
        Self {
            status: head.status,
            headers,
            extensions: Extensions::new(),
            body: head.body,
            rest: head.rest,
            wire,
        }
    }
}

/// The place that an address names, and the request.
fn place(uri: &Uri) -> Option<(Place, usize)> {
    let origin = match uri.host()?.as_bytes().first()? {
        b'a' => 0,
        b'b' => 1,
        b'c' => 2,
        _ => return None,
    };
    let path = u8::from(uri.path() == "/p1");
    Some((Place { origin, path }, uri.query()?.parse().ok()?))
}

impl Wire {
    fn attempt(&self, request: Request<Body>) -> Asked {
        let (parts, body) = request.into_parts();
        let (place, request) = place(&parts.uri).expect("it is the address of a request");
        let mut credentials = parts.headers.get_all(AUTHORIZATION).iter();
        let access = credentials.next().and_then(|value| {
            let token = value.to_str().ok()?.strip_prefix("Bearer ")?;
            number(token)
        });
        let mut state = self.world.lock();
        if credentials.next().is_some() {
            state.two_credentials(request);
        }
        let number = state.attempt(self.holder, request, place, access);
        Asked::Attempt(Attempt {
            request,
            place,
            access,
            method: parts.method,
            body,
            number,
        })
    }

    async fn answer(&self, asked: Asked) -> Result<Response, Failed> {
        match self.call(asked).await {
            Answer::Response(head) => Ok(Response::new(head, self.clone())),
            Answer::Failed(failure) => Err(Failed(failure)),
            Answer::Panic => panic!("{ON_PURPOSE}"),
            other => unreachable!("a server does not answer {other:?}"),
        }
    }
}

/// The refresh token that a revocation names.
fn revoked(body: &Body) -> Option<u32> {
    number(std::str::from_utf8(body.as_bytes()?).ok()?)
}

impl Transport for Wire {
    type Response = Response;
    type Error = Failed;

    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response, Failed>> + Send {
        let asked = self.attempt(request);
        self.answer(asked)
    }

    fn send_token_call(
        &self,
        request: Request<Body>,
        _: Connection,
    ) -> impl Future<Output = Result<Response, Failed>> + Send {
        let asked = match request.uri().path() {
            "/revoke" => Asked::Revocation {
                refresh: revoked(request.body()),
            },
            _ => Asked::TokenCall {
                body: request.into_body(),
            },
        };
        self.answer(asked)
    }

    fn status(response: &Response) -> StatusCode {
        response.status
    }

    fn headers(response: &Response) -> &HeaderMap {
        &response.headers
    }

    fn extensions_mut(response: &mut Response) -> &mut Extensions {
        &mut response.extensions
    }

    async fn chunk(response: &mut Response) -> Result<Option<Bytes>, Failed> {
        if !response.body.is_empty() {
            return Ok(Some(std::mem::take(&mut response.body)));
        }
        let Some(rest) = response.rest.take() else {
            return Ok(None);
        };
        match response.wire.call(Asked::Rest(rest)).await {
            Answer::Rest(Rest::Arrives) => Ok(Some(Bytes::from_static(b"the rest"))),
            _ => Err(Failed(Failure::Other)),
        }
    }

    fn failure(error: &Failed) -> Failure {
        error.0
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(self.clone())
    }
}

impl Runtime for Wire {
    fn now(&self) -> Duration {
        let state = self.world.lock();
        Duration::from_millis(state.monotonic(self.holder.process))
    }

    fn wall_clock(&self) -> SystemTime {
        self.world.lock().wall_clock(self.holder.process)
    }

    fn jitter(&self) -> u8 {
        self.world.lock().setup.jitter
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let process = self.holder.process;
        let now = self.world.lock().monotonic(process);
        Box::pin(Sleep {
            world: Arc::clone(&self.world),
            process,
            until: now.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
            timer: None,
        })
    }

    fn spawner(&self) -> Option<&dyn Spawner> {
        match self.world.lock().setup.tasks {
            Tasks::None => None,
            Tasks::Spawned => Some(self),
        }
    }
}

impl Spawner for Wire {
    fn spawn(&self, task: BoxFuture<()>) {
        let mut state = self.world.lock();
        state.spawned.push((self.holder, SpawnedTask(task)));
    }
}

struct Sleep {
    world: Arc<World>,
    process: u8,
    until: u64,
    timer: Option<u32>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.world.lock();
        if state.monotonic(this.process) >= this.until {
            return Poll::Ready(());
        }
        let timer = state.set_timer(this.timer, this.process, this.until, context.waker());
        this.timer = Some(timer);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(id) = self.timer {
            let timer = self.world.lock().clear_timer(id);
            drop(timer);
        }
    }
}

fn failed<T>(answer: &Answer) -> Result<T, StoreError> {
    match answer {
        Answer::Panic => panic!("{ON_PURPOSE}"),
        _ => Err("the store is out of order".into()),
    }
}

#[async_trait]
impl TokenStore for Wire {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        match self.call(Asked::Load).await {
            Answer::Loaded(stored, _) => Ok(stored),
            answer => failed(&answer),
        }
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let (expected, record) = (expected.cloned(), Box::new(record.clone()));
        match self.call(Asked::Save { expected, record }).await {
            Answer::Kept(version) => Ok(Saved::Kept(version)),
            Answer::Conflict(there, _) => Ok(Saved::Conflict(there)),
            answer => failed(&answer),
        }
    }
}

thread_local! {
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// Silences the panics that runs cause on purpose. Others are printed, and counted.
pub fn quiet_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let text = info.payload().downcast_ref::<&str>().copied();
        let text = text.or_else(|| Some(info.payload().downcast_ref::<String>()?.as_str()));
        if text != Some(ON_PURPOSE) {
            PANICS.set(PANICS.get() + 1);
            before(info);
        }
    }));
}

/// How many panics there were in this thread that were not on purpose.
pub(crate) fn panics() -> u32 {
    PANICS.get()
}
