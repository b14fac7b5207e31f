//! A world without sockets, threads or clocks: futures are polled by hand.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "each test binary uses a part of this, and tests may panic"
)]

pub(crate) mod recorder;
pub(crate) mod seed;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use http_body::Body as _;
use reauth::store::{MemoryStore, Record, Saved, StoreError, Stored, TokenStore, Version};
use reauth::{
    Body, BoxFuture, Error, Failure, RefreshError, Runtime, Session, SessionBuilder, Spawner,
    Token, TokenCall, TokenRefresher, TokenResponse, Transport, async_trait,
};

/// Polls once, with a waker that does nothing: the tests poll everything again themselves.
pub(crate) fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The output of a future that is ready at its first poll.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match poll(&mut Box::pin(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is not ready"),
    }
}

pub(crate) type Answer = Result<Response<Bytes>, Error>;

/// A boxed future of `execute`.
pub(crate) type Call = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A resource server that accepts one access token, and answers at once.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<WireState>>);

#[derive(Default)]
struct WireState {
    accepts: String,
    seen: Vec<String>,
    received: Vec<Request<Bytes>>,
    runtime: World,
    dawdles: bool,
    reading: Reading,
    /// Its answers to a bad token, one after another; the last one repeats.
    refusals: VecDeque<(StatusCode, HeaderMap)>,
    /// It stops answering after this many responses.
    silent_after: Option<usize>,
}

/// How much of a body the server reads.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reading {
    #[default]
    All,
    /// It refuses a bad token before it reads, and reads everything if it accepts one.
    IfAccepted,
}

/// Everything that can be read of a body without waiting.
fn read(body: Body) -> Bytes {
    let mut body = body;
    let mut read = Vec::new();
    let mut frame = || {
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(&mut body).poll_frame(&mut context)
    };
    while let Poll::Ready(Some(frame)) = frame() {
        read.extend(frame.unwrap().into_data().unwrap());
    }
    read.into()
}

/// Takes one more poll, if it dawdles.
pub(crate) async fn dawdle(dawdles: bool) {
    let mut left = usize::from(dawdles);
    poll_fn(|_| match left {
        0 => Poll::Ready(()),
        _ => {
            left -= 1;
            Poll::Pending
        }
    })
    .await;
}

impl Wire {
    /// Makes everything take one poll more than needed.
    pub(crate) fn dawdle(&self) {
        self.0.lock().unwrap().dawdles = true;
    }

    pub(crate) fn accept(&self, access_token: &str) {
        self.0.lock().unwrap().accepts = format!("Bearer {access_token}");
    }

    pub(crate) fn reads(&self, reading: Reading) {
        self.0.lock().unwrap().reading = reading;
    }

    /// Answers this to a bad token, after the answers that were set before.
    pub(crate) fn refuse(&self, status: u16, challenges: &[&str]) {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            headers.append(WWW_AUTHENTICATE, challenge.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        self.0.lock().unwrap().refusals.push_back((status, headers));
    }

    /// Answers only the first `count` attempts.
    pub(crate) fn answer_only(&self, attempts: usize) {
        self.0.lock().unwrap().silent_after = Some(attempts);
    }

    /// Each attempt as it came, with what was read of its body.
    pub(crate) fn received(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().received.clone()
    }

    /// The credentials of each attempt, in order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.clone()
    }
}

#[derive(Clone, Copy)]
struct Dawdles;

impl Transport for Wire {
    type Response = Response<Bytes>;
    type Error = Infallible;

    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, Infallible>> + Send {
        let mut state = self.0.lock().unwrap();
        let credentials: Vec<_> = request.headers().get_all(AUTHORIZATION).iter().collect();
        let [credential] = credentials[..] else {
            panic!("exactly one credential header, not {}", credentials.len());
        };
        assert!(credential.is_sensitive(), "marked for logs");
        assert_eq!(
            request.uri().host(),
            Some("api.example.com"),
            "it is unchanged"
        );
        let credential = credential.to_str().unwrap().to_owned();
        let mut response = Response::new(Bytes::from_static(b"body"));
        if credential != state.accepts {
            let plain = (StatusCode::UNAUTHORIZED, HeaderMap::new());
            let refusal = match state.refusals.len() {
                0 => plain,
                1 => state.refusals[0].clone(),
                _ => state.refusals.pop_front().unwrap(),
            };
            (*response.status_mut(), *response.headers_mut()) = refusal;
        }
        let read = match (state.reading, response.status()) {
            (Reading::IfAccepted, StatusCode::UNAUTHORIZED) => request.map(|_| Bytes::new()),
            (Reading::IfAccepted | Reading::All, _) => request.map(read),
        };
        state.received.push(read);
        state.seen.push(credential);
        if state.dawdles {
            response.extensions_mut().insert(Dawdles);
        }
        let dawdles = state.dawdles;
        let silent = state
            .silent_after
            .is_some_and(|answers| state.seen.len() > answers);
        async move {
            dawdle(dawdles).await;
            if silent {
                std::future::pending::<()>().await;
            }
            Ok(response)
        }
    }

    fn status(response: &Self::Response) -> StatusCode {
        response.status()
    }

    fn headers(response: &Self::Response) -> &HeaderMap {
        response.headers()
    }

    fn extensions_mut(response: &mut Self::Response) -> &mut Extensions {
        response.extensions_mut()
    }

    async fn chunk(response: &mut Self::Response) -> Result<Option<Bytes>, Infallible> {
        dawdle(response.extensions().get::<Dawdles>().is_some()).await;
        let piece = std::mem::take(response.body_mut());
        Ok((!piece.is_empty()).then_some(piece))
    }

    fn failure(error: &Infallible) -> Failure {
        match *error {}
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(self.0.lock().unwrap().runtime.clone())
    }
}

/// A clock that a test moves, and tasks that a test runs.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<WorldState>>);

#[derive(Default)]
struct WorldState {
    now: Duration,
    asleep: Duration,
    spawns: bool,
    ended: bool,
    tasks: Vec<BoxFuture<()>>,
}

impl World {
    pub(crate) fn with_spawner() -> Self {
        let world = Self::default();
        world.0.lock().unwrap().spawns = true;
        world
    }

    /// This far from now, by the wall clock.
    pub(crate) fn in_time(&self, time: Duration) -> SystemTime {
        self.wall_clock() + time
    }

    /// Ends the runtime: its tasks are gone, and its sleeps panic.
    pub(crate) fn end(&self) {
        let tasks = {
            let mut state = self.0.lock().unwrap();
            state.ended = true;
            std::mem::take(&mut state.tasks)
        };
        drop(tasks);
    }

    pub(crate) fn begin(&self) {
        self.0.lock().unwrap().ended = false;
    }

    fn has_ended(&self) -> bool {
        self.0.lock().unwrap().ended
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.lock().unwrap().now += time;
    }

    /// Puts the machine to sleep: its monotonic clock stands still.
    pub(crate) fn fall_asleep(&self, time: Duration) {
        self.0.lock().unwrap().asleep += time;
    }

    /// Polls each task once, and returns how many are left.
    pub(crate) fn run(&self) -> usize {
        let mut tasks = std::mem::take(&mut self.0.lock().unwrap().tasks);
        tasks.retain_mut(|task| poll(task).is_pending());
        let mut state = self.0.lock().unwrap();
        state.tasks.extend(tasks);
        state.tasks.len()
    }
}

impl Runtime for World {
    fn jitter(&self) -> u8 {
        0
    }

    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn wall_clock(&self) -> SystemTime {
        let asleep = self.0.lock().unwrap().asleep;
        SystemTime::UNIX_EPOCH + self.now() + asleep
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let (world, until) = (self.clone(), self.now() + duration);
        Box::pin(poll_fn(move |_| {
            assert!(!world.has_ended(), "the runtime has ended");
            match world.now() {
                now if now >= until => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }))
    }

    fn spawner(&self) -> Option<&dyn Spawner> {
        let spawns = self.0.lock().unwrap().spawns;
        spawns.then_some(self)
    }
}

impl Spawner for World {
    fn spawn(&self, task: BoxFuture<()>) {
        self.0.lock().unwrap().tasks.push(task);
    }
}

/// A token server that answers when a test says what.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<DeskState>>);

#[derive(Default)]
struct DeskState {
    asked: Vec<String>,
    dawdles: bool,
    answers: VecDeque<Reply>,
}

pub(crate) enum Reply {
    Token(TokenResponse),
    Error(RefreshError),
    Panic,
}

impl Desk {
    pub(crate) fn dawdle(&self) {
        self.0.lock().unwrap().dawdles = true;
    }

    pub(crate) fn will(&self, reply: Reply) {
        self.0.lock().unwrap().answers.push_back(reply);
    }

    /// Grants this access token next, with this refresh token.
    pub(crate) fn will_grant(&self, access_token: &str, refresh_token: &str) {
        let response = TokenResponse::new(access_token).unwrap();
        self.will(Reply::Token(response.with_refresh_token(refresh_token)));
    }

    /// The refresh tokens it was called with, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }
}

#[async_trait]
impl TokenRefresher for Desk {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        let refresh_token = call
            .stale()
            .and_then(Token::refresh_token)
            .unwrap_or("nothing")
            .to_owned();
        let dawdles = {
            let mut state = self.0.lock().unwrap();
            state.asked.push(refresh_token);
            state.dawdles
        };
        dawdle(dawdles).await;
        let answer = poll_fn(|_| match self.0.lock().unwrap().answers.pop_front() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        });
        match answer.await {
            Reply::Token(response) => Ok(response),
            Reply::Error(error) => Err(error),
            Reply::Panic => panic!("SECRET"),
        }
    }
}

/// A store that can be made to fail.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) kept: Arc<MemoryStore>,
    mood: Arc<Mutex<Mood>>,
    dawdles: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Works,
    FailsToLoad,
    FailsToSave,
    /// It saves, and its response is lost.
    LosesItsAnswer,
    HangsToLoad,
    HangsToSave,
    PanicsToSave,
}

impl Shelf {
    pub(crate) fn dawdle(&self) {
        self.dawdles.store(true, Ordering::Relaxed);
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The stored access token.
    pub(crate) fn access_token(&self) -> Option<String> {
        let stored = now(self.kept.load()).unwrap()?;
        Some(stored.record.token()?.access_token().to_owned())
    }

    /// Another holder has refreshed the token that is stored, or stores the first one.
    pub(crate) fn put(&self, token: &Token) {
        self.write(|stored| match stored {
            Some(stored) => stored.refreshed(token.clone()),
            None => Record::signed_in(token.clone(), None),
        });
    }

    /// Another holder is signed in with this token, or out.
    pub(crate) fn sign_in(&self, token: Option<Token>) {
        self.write(|stored| Record::signed_in(token, stored));
    }

    fn write(&self, record: impl FnOnce(Option<&Record>) -> Record) {
        let stored = now(self.kept.load()).unwrap();
        let record = record(stored.as_ref().map(|stored| &stored.record));
        let expected = stored.as_ref().map(|stored| &stored.version);
        let saved = now(self.kept.save_if(expected, &record)).unwrap();
        assert!(matches!(saved, Saved::Kept(_)));
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    async fn while_it(&self, mood: Mood) {
        dawdle(self.dawdles.load(Ordering::Relaxed)).await;
        poll_fn(|_| match self.mood() == mood {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
    }
}

#[async_trait]
impl TokenStore for Shelf {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.while_it(Mood::HangsToLoad).await;
        if self.mood() == Mood::FailsToLoad {
            return Err("the shelf is locked".into());
        }
        self.kept.load().await
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        self.while_it(Mood::HangsToSave).await;
        let mood = self.mood();
        assert_ne!(mood, Mood::PanicsToSave, "SECRET");
        if mood == Mood::FailsToSave {
            return Err("the shelf is full".into());
        }
        let saved = self.kept.save_if(expected, record).await;
        if mood == Mood::LosesItsAnswer {
            return Err("the shelf is out of reach".into());
        }
        saved
    }
}

/// Everything together, with a session whose access token `a1` the server refuses.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) wire: Wire,
    pub(crate) desk: Desk,
    pub(crate) shelf: Shelf,
    pub(crate) session: Session<Wire>,
}

pub(crate) fn token(access_token: &str, refresh_token: &str) -> Token {
    let token = Token::new(access_token).unwrap();
    token.with_refresh_token(refresh_token)
}

impl Scene {
    /// A scene without a spawner.
    pub(crate) fn new() -> Self {
        Self::of(World::default(), token("a1", "r1"), |builder| builder)
    }

    pub(crate) fn with_spawner() -> Self {
        Self::of(World::with_spawner(), token("a1", "r1"), |builder| builder)
    }

    /// A scene with this refresher in place of the desk.
    pub(crate) fn refreshed_by(refresher: impl TokenRefresher) -> Self {
        Self::built(World::default(), token("a1", "r1"), |builder, _| {
            builder.refresher(refresher)
        })
    }

    pub(crate) fn of(
        world: World,
        token: Token,
        options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
    ) -> Self {
        Self::built(world, token, |builder, desk| {
            options(builder.refresher(desk.clone()))
        })
    }

    fn built(
        world: World,
        token: Token,
        options: impl FnOnce(SessionBuilder<Wire>, &Desk) -> SessionBuilder<Wire>,
    ) -> Self {
        let (wire, desk, shelf) = (Wire::default(), Desk::default(), Shelf::default());
        let builder = Session::builder(wire.clone())
            .origin("https://api.example.com")
            .runtime(world.clone())
            .store(shelf.clone())
            .token(token);
        let session = now(options(builder, &desk).open()).unwrap();
        Self {
            world,
            wire,
            desk,
            shelf,
            session,
        }
    }

    /// Another session over the same store, with a token server of its own.
    pub(crate) fn beside(
        &self,
        options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
    ) -> Self {
        let desk = Desk::default();
        let builder = Session::builder(self.wire.clone())
            .origin("https://api.example.com")
            .runtime(self.world.clone())
            .refresher(desk.clone())
            .store(self.shelf.clone());
        Self {
            world: self.world.clone(),
            wire: self.wire.clone(),
            shelf: self.shelf.clone(),
            session: now(options(builder).open()).unwrap(),
            desk,
        }
    }

    /// A request that has not been polled yet.
    pub(crate) fn call(&self) -> Call {
        let session = self.session.clone();
        let request = Request::get("https://api.example.com/books");
        let request = request.body(()).unwrap();
        Box::pin(async move { session.execute(request).await })
    }

    /// The status of a request that does not wait.
    pub(crate) fn status(&self) -> u16 {
        now(self.call()).unwrap().status().as_u16()
    }
}
