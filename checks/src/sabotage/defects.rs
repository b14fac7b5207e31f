//! The defects. Each is a small change in one place, and a bug that somebody has shipped.

/// A text in a file of the project, and the text that takes its place.
#[derive(Debug)]
pub(crate) struct Defect {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) sound: &'static str,
    pub(crate) broken: &'static str,
    /// The net that this defect is a canary of: the first net that catches it.
    pub(crate) canary: Option<&'static str>,
}

const COORDINATOR: &str = "core/src/machine/coordinator.rs";
const CHANGES: &str = "core/src/machine/coordinator/changes.rs";
const PHASE: &str = "core/src/machine/phase.rs";
const RETRIES: &str = "core/src/machine/retries.rs";
const JUDGEMENT: &str = "core/src/session/execute/classify.rs";
const MACHINE: &str = "core/src/machine/session_machine.rs";
const ITINERARY: &str = "core/src/machine/redirects.rs";
const ALPHABET: &str = "core/src/machine/session_machine/messages.rs";
const HOPS: &str = "core/src/session/execute.rs";
const LOCATION: &str = "core/src/session/execute/location.rs";
const TURN: &str = "core/src/session/execute/next_hop.rs";
const BOOKS: &str = "core/src/machine/books.rs";
const VALIDITY: &str = "core/src/machine/validity.rs";
const PERMITS: &str = "core/src/machine/permits.rs";
const SESSION: &str = "core/src/session.rs";
const FLIGHT: &str = "core/src/session/refresh/flight.rs";
const CREW: &str = "core/src/session/refresh.rs";
const CELL: &str = "core/src/session/token_state.rs";
const KEEPER: &str = "core/src/session/store_queue.rs";
const PASSAGE: &str = "core/src/session/execute/origins.rs";
const JOURNEY: &str = "core/src/session/execute/attempt_loop.rs";
const ATTEMPTS: &str = "core/src/session/execute/request.rs";
const KEPT: &str = "core/src/session/execute/saved_head.rs";
const FLAT: &str = "core/src/session/execute/head_buffer.rs";
const PLACE: &str = "core/src/origin/place.rs";
const SIGNER: &str = "core/src/session/credential.rs";
const SECRET: &str = "core/src/token/secret.rs";
const PATH: &str = "core/src/origin/path.rs";
const BASE: &str = "core/src/origin/base.rs";
const SPARE: &str = "core/src/body/spare.rs";
const LENT: &str = "core/src/body/lent.rs";
const VAULT: &str = "core/src/session/tokens.rs";
const REENTRY: &str = "core/src/session/refresh/reentrancy.rs";
const REFRESHER: &str = "core/src/refresher/grant.rs";
const COLLECT: &str = "core/src/collect.rs";
const STATUS: &str = "core/src/grant/status.rs";
const ANSWER: &str = "core/src/grant/answer.rs";
const CALL: &str = "core/src/refresher/call.rs";
const TOKIO: &str = "core/src/tokio_runtime.rs";
const TRIAL: &str = "core/src/machine/trial.rs";
const REQWEST: &str = "transport-reqwest/src/transport.rs";
const REFUSALS: &str = "core/src/machine/refusals.rs";
const WORDS: &str = "core/src/grant/words.rs";
const OAUTH2: &str = "core/src/grant/oauth2.rs";
const ERROR_RESPONSE: &str = "core/src/grant/error_response.rs";
const GRANT_ERROR: &str = "core/src/grant/error.rs";
const CLOCK: &str = "core/src/session/builder/clock.rs";
const BUILDER: &str = "core/src/session/builder.rs";
const HERALD: &str = "core/src/session/events/dispatch.rs";
const TRACE_LOG: &str = "core/src/trace/log.rs";
const TRACE_CALL: &str = "core/src/trace/call.rs";
const TRACE_REFRESH: &str = "core/src/trace/refresh.rs";
const REQWEST_TLS: &str = "transport-reqwest/src/tls.rs";
const MIDDLEWARE: &str = "transport-reqwest/src/middleware.rs";
const BLOCKING_RESPONSE: &str = "transport-reqwest/src/blocking/response.rs";
const ISAHC: &str = "transport-isahc/src/transport.rs";
const ISAHC_BLOCKING: &str = "transport-isahc/src/blocking.rs";
const OUTGOING: &str = "transport-isahc/src/outgoing.rs";

const fn defect(
    name: &'static str,
    file: &'static str,
    sound: &'static str,
    broken: &'static str,
) -> Defect {
    Defect {
        name,
        file,
        sound,
        broken,
        canary: None,
    }
}

const fn canary(net: &'static str, defect: Defect) -> Defect {
    Defect {
        canary: Some(net),
        ..defect
    }
}

pub(crate) const DEFECTS: &[Defect] = &[
    canary(
        "tables",
        defect(
            "an edge back from FinalAttempt to FirstAttempt",
            MACHINE,
            "finish(answer, Some(Reason::RefusedAgain))",
            "{ _ = answer; let token = Generation::FIRST; (FirstAttempt { token }, Send { token }) }",
        ),
    ),
    canary(
        "model",
        defect(
            "a generation compared with <=",
            COORDINATOR,
            "if stale < self.generation\n",
            "if stale <= self.generation\n",
        ),
    ),
    canary(
        "driver",
        defect(
            "a panic of a refresher not caught",
            CREW,
            "match answer.catch_unwind().await {",
            "match Ok::<_, Box<dyn std::any::Any + Send>>(answer.0.await) {",
        ),
    ),
    canary(
        "sockets",
        defect(
            "the token goes to any origin",
            PASSAGE,
            "position(|place| holds(&origin, place))",
            "position(|place| holds(&origin, place) || true)",
        ),
    ),
    canary(
        "waiting",
        defect(
            "any number of requests wait",
            FLIGHT,
            "None => self.board.waiting.load(Ordering::Relaxed),",
            "None => 0,",
        ),
    ),
    canary(
        "spans",
        defect(
            "a refresh in the trace of one of its requests",
            TRACE_REFRESH,
            "                parent: None,\n",
            "",
        ),
    ),
    canary(
        "middleware",
        defect(
            "a client under the middleware follows redirects unnoticed",
            MIDDLEWARE,
            "let same = *answer.url() == url;",
            "let same = { _ = url; true };",
        ),
    ),
    canary(
        "blocking",
        defect(
            "a blocking body is read without the timers of its runtime",
            BLOCKING_RESPONSE,
            "let _entered = thread.enter();",
            "_ = thread;",
        ),
    ),
    canary(
        "isahc",
        defect(
            "a token call over the connections of the requests, over isahc",
            ISAHC,
            "            Needed::Own => Connection::TokenCall,",
            "            Needed::Own => Connection::of(&request),",
        ),
    ),
    canary(
        "tls",
        defect(
            "a reqwest with TLS taken for one without",
            REQWEST_TLS,
            "impl Answer for ClientBuilder {\n    fn tls(self) -> Tls {\n        Tls::There",
            "impl Answer for ClientBuilder {\n    fn tls(self) -> Tls {\n        Tls::Missing",
        ),
    ),
    defect(
        "a generation bumped for each waiter",
        COORDINATOR,
        "Phase::InFlight(flight) => Admission::Await(flight.clone()),",
        "Phase::InFlight(flight) => { let flight = flight.clone(); self.generation = \
         self.generation.next(); Admission::Await(flight) }",
    ),
    defect(
        "a flight cleared by a joiner",
        COORDINATOR,
        "Phase::InFlight(flight) => Admission::Await(flight.clone()),",
        "Phase::InFlight(flight) => { let flight = flight.clone(); self.phase = Phase::Idle; \
         Admission::Await(flight) }",
    ),
    defect(
        "a landing that ignores the fence",
        CHANGES,
        "stale == self.generation && self.flight().is_some()",
        "_ = stale; self.flight().is_some()",
    ),
    defect(
        "a refused grant not sticky",
        CHANGES,
        "Landing::Refused => self.phase = Phase::Refused,",
        "Landing::Refused => self.phase = Phase::Idle,",
    ),
    defect(
        "an unknown outcome tried again",
        PHASE,
        "TokenUse::Learn) => times < 2,",
        "TokenUse::Learn) => times < 3,",
    ),
    defect(
        "a failed early refresh takes the token along",
        CHANGES,
        "Landing::Failed(rest) => self.fail(rest, now),",
        "Landing::Failed(rest) => { self.refused = Origins::ALL; self.fail(rest, now) }",
    ),
    defect(
        "an old identity replayed as the new",
        COORDINATOR,
        "stale >= self.fence && stale < self.generation",
        "stale < self.generation",
    ),
    defect(
        "a refusal from before the fence admitted",
        COORDINATOR,
        "        if stale < self.fence {\n            return Admission::Superseded;",
        "        if stale < Generation::FIRST {\n            return Admission::Superseded;",
    ),
    defect(
        "the cancelled leader takes the refresh along",
        COORDINATOR,
        "self.phase = Phase::InFlight(flight.clone());",
        "",
    ),
    defect(
        "a refused token sent by new requests",
        COORDINATOR,
        "            self.refused.add(there);\n",
        "            _ = there;\n",
    ),
    defect(
        "no limit of refreshes",
        PERMITS,
        "if self.departures.len() >= rules.refresh_limit as usize {",
        "if self.departures.len() >= 50 * rules.refresh_limit as usize {",
    ),
    defect(
        "an expired token sent",
        VALIDITY,
        "self.end.is_some_and(|end| now >= end)",
        "self.end.is_some_and(|end| now > end + end)",
    ),
    defect(
        "an early window as long as its margin",
        VALIDITY,
        "let margin = at_most(margin, 10);",
        "let margin = at_most(margin, 1);",
    ),
    defect(
        "published before saved",
        FLIGHT,
        "            _ = crew.settle().await;\n",
        "",
    ),
    defect(
        "a refresher without a deadline",
        CREW,
        "AssertUnwindSafe(before(deadline, self.refresher.refresh(&call)))",
        "AssertUnwindSafe(async { _ = deadline; Some(self.refresher.refresh(&call).await) })",
    ),
    defect(
        "the old refresh token kept",
        CREW,
        "let token = base.renewed(answer, since.wall_clock);",
        "let token = base.renewed(TokenResponse::new(answer.access_token()).expect(\"one\"), \
         since.wall_clock);",
    ),
    defect(
        "an overtaken flight asks all the same",
        CHANGES,
        "        if !self.awaits(stale) {\n            return Sending::Overtaken;",
        "        if stale > self.generation {\n            return Sending::Overtaken;",
    ),
    defect(
        "the last failure forgotten",
        CELL,
        "held.failure = Some(Arc::clone(&error));",
        "",
    ),
    defect(
        "a credential not marked sensitive",
        SIGNER,
        "value.set_sensitive(true);",
        "value.set_sensitive(false);",
    ),
    defect(
        "a newer token in the store not adopted",
        KEEPER,
        "Found::Newer(Kept(newer)) => Ok(Some(newer)),",
        "Found::Newer(_) => Ok(None),",
    ),
    defect(
        "a sign-in that loses its force",
        BOOKS,
        "Some(Word::SignedIn(_)) => Word::SignedIn(token),",
        "Some(Word::SignedIn(_)) => Word::Refreshed(token),",
    ),
    defect(
        "an overtaken flight writes to the store",
        BOOKS,
        "        if stale < self.fence {\n            return false;",
        "        if stale < Generation::FIRST {\n            return false;",
    ),
    defect(
        "a refresh that writes over somebody else's",
        BOOKS,
        "there.is_some_and(|there| self.unacknowledged.contains(there))",
        "there.is_some_and(|there| self.unacknowledged.contains(there) || true)",
    ),
    defect(
        "a response not drained",
        JOURNEY,
        "            (Some(refused), _) => {\n                drain::drain::<T>(refused, \
         self.vault.runtime(), &mut past.refused).await;",
        "            (Some(refused), _) => {\n                drop(refused);",
    ),
    defect(
        "a consumed body counted as there",
        SPARE,
        "!matches!(self.0, Left::Nothing)",
        "!matches!(self.0, Left::Nothing) || true",
    ),
    defect(
        "a grace that begins anew with each try",
        PHASE,
        "                first,\n                times: times.saturating_add(1),",
        "                first: { _ = first; now },\n                times: times.saturating_add(1),",
    ),
    defect(
        "a grace not asked about before the call",
        CHANGES,
        "if !self.may_be_sent(now) {\n            return Sending::Spent;",
        "if !self.may_be_sent(Duration::ZERO) {\n            return Sending::Spent;",
    ),
    defect(
        "a setting overruled by what was learned",
        PHASE,
        "(_, TokenUse::Reusable) | (Self::Reusable, TokenUse::Learn) => self,",
        "(_, TokenUse::Reusable) | (Self::Reusable, TokenUse::Learn | TokenUse::SingleUse) => self,",
    ),
    defect(
        "a lost answer asked for again within its flight",
        CHANGES,
        "Answered::Lost if waiting > 0 && self.may_be_sent(now) => Again::AfterAPause,",
        "Answered::Lost => Again::AfterAPause,",
    ),
    defect(
        "a retry that its deadline cuts off",
        RETRIES,
        "let needed = took.max(SHORTEST_TRY);",
        "let needed = took.min(Duration::ZERO);",
    ),
    defect(
        "a retry that begins too late",
        FLIGHT,
        "if !retries.may_begin(crew.left(since, began)) {",
        "if !retries.may_begin(crew.call_timeout()) {",
    ),
    defect("no end of retries", RETRIES, "self.left -= 1;", ""),
    defect(
        "a store not read again after a token was refused",
        CREW,
        "Some(Ok(Some(newer))) if is_of_use(&newer, held, since) => {",
        "Some(Ok(Some(newer))) if is_of_use(&newer, &newer, since) => {",
    ),
    defect(
        "every 401 taken for an expiry",
        JUDGEMENT,
        "None => answered.is_refused(),",
        "None => status == StatusCode::UNAUTHORIZED,",
    ),
    defect(
        "what the server asks for kept from the caller",
        JOURNEY,
        "judgement.note(T::extensions_mut(response));",
        "",
    ),
    defect(
        "a stream that was taken back ends well for its first attempt",
        LENT,
        "return Poll::Ready(Some(Err(BodyError(error.into()))));",
        "{ _ = BodyError(error.into()); return Poll::Ready(None); }",
    ),
    defect(
        "a stream sent with a token that is about to expire",
        COORDINATOR,
        "let renews = once && self.validity.is_ending(now);",
        "let renews = once && self.validity.has_expired(now);",
    ),
    defect(
        "a request that waited for a renewal sent for somebody else",
        COORDINATOR,
        "filter(|token| *token == held)",
        "filter(|token| *token >= held)",
    ),
    defect(
        "a request that waited for a renewal fails with it",
        VAULT,
        "let renewed = self.cell.renewed(held, there, self.runtime().now());",
        "let renewed = self.cell.resume(held, there);",
    ),
    defect(
        "a hook that replaces the session's credential",
        ATTEMPTS,
        "// Again: the application has been there.\n            credential.sign(headers);",
        "",
    ),
    defect(
        "a timeout that forgets what was refused",
        SESSION,
        "answer.map_err(|error| error.with_refused(trip.refused()))",
        "answer",
    ),
    defect(
        "the caller's credentials overwritten",
        PASSAGE,
        "if head.headers().contains_key(&self.header) {",
        "if head.headers().contains_key(\"x-none\") {",
    ),
    defect(
        "an origin matched by how it begins",
        PLACE,
        "self.authority == address.authority",
        "address.authority.starts_with(&*self.authority)",
    ),
    defect(
        "a header of several values replayed with the last",
        FLAT,
        "headers.append(name, value);",
        "headers.insert(name, value);",
    ),
    defect(
        "a sensitive header replayed as one that is not",
        FLAT,
        "value.set_sensitive(prefix & 1 == 1);",
        "value.set_sensitive(false);",
    ),
    defect(
        "a path matched inside of a segment",
        PATH,
        "rest.is_empty() || rest.starts_with('/')",
        "rest.is_empty() || !rest.is_empty()",
    ),
    defect(
        "escapes in a path not decoded twice",
        PATH,
        "            read = decoded;",
        "            read = decoded;\n            break;",
    ),
    defect(
        "a relative request that leads out of its base",
        BASE,
        "if !is_plain(path) {",
        "if path.is_empty() {",
    ),
    defect(
        "a secret in a Debug",
        SECRET,
        "f.write_str(\"[redacted]\")",
        "f.write_str(self.expose())",
    ),
    defect(
        "no task for a flight",
        VAULT,
        "        flight.spawn(self.runtime());\n        let seat = self.cell.seat(&flight);",
        "        let seat = self.cell.seat(&flight);",
    ),
    defect(
        "a refresher that waits for itself",
        REENTRY,
        "polled.borrow().iter().any(|marked| marked.ptr_eq(cell))",
        "polled.borrow().iter().any(|marked| marked.ptr_eq(cell) && false)",
    ),
    defect(
        "a lost answer taken for none",
        REFRESHER,
        "                Abandoned::Begun => RefreshError::unknown(error),",
        "                Abandoned::Begun => RefreshError::transient(error),",
    ),
    defect(
        "the token kept on leaving the list",
        HOPS,
        "None => Place::Stranger,",
        "None => Place::Listed,",
    ),
    defect(
        "the token for a stranger over TLS",
        ITINERARY,
        "(Credentials::Session, Place::Listed, _, Channel::Tls)",
        "(Credentials::Session, _, _, Channel::Tls)",
    ),
    defect(
        "the token kept from https to http",
        ITINERARY,
        "(Credentials::Session, Place::Listed, _, Channel::Tls)",
        "(Credentials::Session, Place::Listed, _, _)",
    ),
    defect(
        "https forgotten after a hop without",
        ITINERARY,
        "Channel::Tls => Channel::Tls,",
        "Channel::Tls => to.channel,",
    ),
    defect(
        "the token for a request with credentials of its own",
        ITINERARY,
        "(Credentials::Session, Place::Listed, _, Channel::Tls)",
        "(_, Place::Listed, _, Channel::Tls)",
    ),
    defect(
        "a second refresh behind a redirect",
        ITINERARY,
        "let refresh = Refresh::Spent;",
        "let refresh = Refresh::Left;",
    ),
    defect(
        "a hop behind the refresh that asks for another",
        ALPHABET,
        "(Refresh::Spent, TokenStatus::Usable(token)) => Self::StartFinal(token),",
        "(Refresh::Spent, TokenStatus::Usable(_)) => Self::Start(status),",
    ),
    defect(
        "a hop that goes for somebody else",
        COORDINATOR,
        "(signed >= self.fence).then(|| self.goes_to(there.into()))",
        "{ _ = signed; Some(self.goes_to(there.into())) }",
    ),
    defect(
        "a body sent behind a 303",
        TURN,
        "self.body = Spare::new(Body::empty());",
        "",
    ),
    defect(
        "a POST sent behind a 303",
        TURN,
        "*head.method_mut() = Method::GET;",
        "",
    ),
    defect(
        "the first hop replayed in the place of the refused one",
        KEPT,
        "*head.uri_mut() = self.uri()?;",
        "*head.uri_mut() = Uri::from_static(\"https://a.example/start\");",
    ),
    defect(
        "a cookie carried along to a stranger",
        TURN,
        "                remove(head.headers_mut(), &FOR_ONE_ORIGIN);\n",
        "",
    ),
    defect(
        "a redirect not drained",
        HOPS,
        "drain::drain::<T>(redirected, self.vault.runtime(), &mut None).await;",
        "drop(redirected);",
    ),
    defect(
        "a refusal that redirects followed",
        HOPS,
        "get::<Reason>().is_some() {",
        "get::<Reason>().is_some() && false {",
    ),
    defect(
        "a redirect with user information followed",
        LOCATION,
        "Origin::of(&target).is_some().then_some(target)",
        "Some(target)",
    ),
    defect(
        "redirects followed by the client",
        REQWEST,
        ".redirect(Policy::none())\n",
        "\n",
    ),
    defect(
        "a good token put at risk for a new one",
        PHASE,
        "stake == Stake::Nothing && self",
        "(stake == Stake::Nothing || stake == Stake::AccessToken) && self",
    ),
    defect(
        "a lost answer that ends the session",
        PHASE,
        "TokenUse::Learn) => times < 2,",
        "TokenUse::Learn) => times < 1,",
    ),
    defect(
        "what was not processed counted as sent",
        CHANGES,
        "            Answered::NotProcessed => {\n                self.refresh_token.known = self.refresh_token.known.not_processed();",
        "            Answered::NotProcessed => {",
    ),
    defect(
        "an answer that repeats the refresh token taken for a rotation",
        CREW,
        "Some(new) if Some(new) != base.refresh_token() => RefreshToken::Replaced,",
        "Some(new) if !new.is_empty() => RefreshToken::Replaced,",
    ),
    defect(
        "a call without a refresh token that spends one",
        CREW,
        "            None => Spends::Nothing,",
        "            None => Spends::RefreshToken,",
    ),
    defect(
        "a call that waits for a lock taken for one that was sent",
        CALL,
        "_ = self.progress.change(UNSAID, HELD);",
        "",
    ),
    defect(
        "a token call over the connections of the requests",
        REQWEST,
        "            Connection::Own => &self.token_calls,",
        "            Connection::Own => &self.client,",
    ),
    defect(
        "a token call with the timeout of the application",
        REQWEST,
        "            .timeout(NEVER)\n",
        "",
    ),
    defect(
        "a connect timeout of the application overwritten",
        REQWEST,
        "configure(defaults).redirect(Policy::none())",
        "configure(defaults).redirect(Policy::none()).connect_timeout(CONNECT_TIMEOUT)",
    ),
    defect(
        "a 503 without Retry-After taken for proof",
        STATUS,
        "StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() =>",
        "StatusCode::SERVICE_UNAVAILABLE =>",
    ),
    defect(
        "Retry-After obeyed with no other status",
        ANSWER,
        "let retry_after = by_status.retry_after();",
        "let retry_after = None;",
    ),
    defect(
        "a whole token answer lost with what breaks behind it",
        COLLECT,
        "Some(Err(_)) if whole || is_whole(&body) =>",
        "Some(Err(_)) if whole && is_whole(b\"\") =>",
    ),
    defect(
        "a whole token answer waited for to its end",
        COLLECT,
        "None if looks.next().is_some() && is_whole(&body) =>",
        "None if looks.next().is_none() && is_whole(&body) =>",
    ),
    defect(
        "a window of refreshes that does not slide",
        PERMITS,
        "            self.departures.pop_front();",
        "            self.departures.clear();",
    ),
    defect(
        "rests that do not double",
        PHASE,
        "doubled(rules.rest, failures)",
        "doubled(rules.rest, failures.min(0))",
    ),
    defect(
        "a fresh token traded at once",
        TRIAL,
        "self.until.filter(|until| now < *until)",
        "self.until.filter(|until| now > *until)",
    ),
    defect(
        "the refused token taken for a newer one",
        CHANGES,
        "if access_token == AccessToken::Same && !self.refused.is_empty() {",
        "if access_token == AccessToken::Same && self.refused.is_empty() {",
    ),
    defect(
        "a refusal by one origin that costs the others",
        COORDINATOR,
        "!self.refused.origins().intersects(there.origin)",
        "self.refused.origins().is_empty()",
    ),
    defect(
        "a sleep that stays in a runtime nobody drives",
        TOKIO,
        "        if id == self.here {",
        "        if id == self.here || self.elsewhere.is_empty() {",
    ),
    defect(
        "a call that was given up and is sent all the same",
        CALL,
        "matches!(begun, Ok(_) | Err(BEGUN))",
        "{ _ = begun; true }",
    ),
    defect(
        "what is known of one refresh token taken for another's",
        CHANGES,
        "        self.refresh_token.turn_to(refresh_token);\n",
        "        _ = refresh_token;\n",
    ),
    defect(
        "an origin in use for ever",
        COORDINATOR,
        "        let used = self.used.at(now, self.rules);\n        // An origin",
        "        let used = self.used.at(Duration::ZERO, self.rules);\n        // An origin",
    ),
    defect(
        "a refused token that comes back and is never tried again",
        CHANGES,
        "                    self.refused = Refusals::default();\n                    self.validity",
        "                    self.validity",
    ),
    defect(
        "a refusal at one path that costs the others",
        REFUSALS,
        "Some(free) => self.paths[free] = there.path,",
        "Some(_) => self.refuse_everywhere(there.origin),",
    ),
    defect(
        "a path that refuses every token and takes its origin along each time",
        REFUSALS,
        "        if self.has(there) {\n            return;\n        }\n        self.origins",
        "        self.origins",
    ),
    defect(
        "an old acceptance that takes a refusal back",
        COORDINATOR,
        "Phase::Resting { .. } | Phase::Refused if status.is_success() => {",
        "_ if status.is_success() => {",
    ),
    defect(
        "a request that waited in vain, and whose 401 is called its second",
        MACHINE,
        "(HeldAttempt { token }, Send { token })",
        "(FinalAttempt { token }, Send { token })",
    ),
    defect(
        "a refresh where there is nothing to trade",
        CREW,
        "            false => Renewable::No,\n",
        "            false => Renewable::Yes,\n",
    ),
    defect(
        "an error that is nested and not found",
        WORDS,
        "const DEEPEST: usize = 4;",
        "const DEEPEST: usize = 2;",
    ),
    defect(
        "a page of a proxy that ends a session",
        WORDS,
        "words.writer = Writer::Middlebox",
        "words.read_text(text)",
    ),
    defect(
        "a client without a secret that is at fault for a bare 401",
        OAUTH2,
        "Flow::RefreshToken if self.client.has_secret() => Proof::Both,",
        "Flow::RefreshToken if self.client.has_secret() || true => Proof::Both,",
    ),
    defect(
        "a sentence about a dead refresh token that is not read",
        WORDS,
        "() if says(About::DeadToken) => Some(Said::DEAD),",
        "() if false && says(About::DeadToken) => Some(Said::DEAD),",
    ),
    defect(
        "what the application says of a dead token not asked for",
        ANSWER,
        "Some(dead) if dead(&said) =>",
        "Some(dead) if false && dead(&said) =>",
    ),
    defect(
        "a description in a debug output",
        ERROR_RESPONSE,
        ".field(\"status\", &self.status)",
        ".field(\"status\", &self.status).field(\"description\", &self.description)",
    ),
    defect(
        "a client at fault whose store is not looked at",
        GRANT_ERROR,
        "Self::Refused | Self::Unknown | Self::Misconfigured => true,\n            Self::Transient => false,",
        "Self::Refused | Self::Unknown => true,\n            Self::Misconfigured | Self::Transient => false,",
    ),
    defect(
        "a clock that stands still while the machine sleeps",
        CLOCK,
        "if ahead.abs_diff(before) > TOLERANCE.as_nanos() as u64 {",
        "if ahead.abs_diff(before) > TOLERANCE.as_nanos() as u64 && false {",
    ),
    defect(
        "margins by what is left of a token in hand",
        VALIDITY,
        "term.whole.map_or(margin, |whole| margin.min(whole / part))",
        "margin.min(term.whole.map_or(lifetime, |_| lifetime) / part)",
    ),
    defect(
        "the last of two ways to a token wins",
        BUILDER,
        "self.refuse(BuildError::new(BuildErrorKind::GrantAndRefresher));",
        "",
    ),
    defect(
        "a grant that has nothing to trade",
        BUILDER,
        "Some(refresher) if !refresher.can_refresh(token) && self.store.is_none() => {",
        "Some(refresher) if !refresher.can_refresh(token) && false => {",
    ),
    defect(
        "a client that cannot speak https, and nobody says so",
        BUILDER,
        "supported.map_err(|what_to_do| BuildError::because(unsupported, what_to_do))",
        "{ _ = (supported, unsupported); Ok(()) }",
    ),
    defect(
        "white space at the end of a refresh token",
        SECRET,
        "Self(wiped(Box::from(secret.trim_ascii())))",
        "Self(wiped(Box::from(secret.as_str())))",
    ),
    defect(
        "a refresh that fails and says nothing",
        TRACE_LOG,
        "        EventKind::RefreshFailed { .. }\n            | EventKind::SaveFailed",
        "        EventKind::SaveFailed",
    ),
    defect(
        "a doubt that recedes for ever",
        COORDINATOR,
        "let waited = |since: Duration| now >= since",
        "let waited = |since: Duration| false && now >= since",
    ),
    defect(
        "a subscriber that panics, and nobody is told any more",
        HERALD,
        "_ = catch_unwind(AssertUnwindSafe(|| trace::log(&event)));",
        "trace::log(&event);",
    ),
    defect(
        "a client without TLS that takes https for an outage",
        REQWEST,
        "(Tls::Missing, Ok(request)) if request.url().scheme() == \"https\" => {",
        "(Tls::Missing, Ok(request)) if request.url().scheme() == \"none\" => {",
    ),
    defect(
        "a span with the port of the other scheme",
        TRACE_CALL,
        "Some(scheme) if *scheme == Scheme::HTTPS => Some(443),",
        "Some(scheme) if *scheme == Scheme::HTTPS => Some(80),",
    ),
    defect(
        "a waiter that leaves and keeps its place",
        FLIGHT,
        "self.0.waiting.fetch_sub(1, Ordering::Relaxed);",
        "",
    ),
    defect(
        "a request of a chain that is made again, and forgets to go without credentials",
        MIDDLEWARE,
        "let shared = Mutex::new(extensions.clone());",
        "let shared = Mutex::new(std::mem::take(extensions));",
    ),
    defect(
        "a body of bytes sent as a form by libcurl",
        OUTGOING,
        "headers.entry(CONTENT_TYPE).or_insert(bytes);",
        "_ = bytes;",
    ),
    defect(
        "a blocking answer without its length, over isahc",
        ISAHC_BLOCKING,
        "isahc::Body::from_reader_sized(BlockOn::new(body), length)",
        "{ _ = length; isahc::Body::from_reader(BlockOn::new(body)) }",
    ),
    defect(
        "a sign-in that leaves the failure of the token before it",
        CELL,
        "        held.failure = None;\n        self.settle_trial(&held);\n        owe(generation);",
        "        self.settle_trial(&held);\n        owe(generation);",
    ),
];
