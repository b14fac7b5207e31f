//! The session: its token, refreshes, the store, the runtime, settings, events and spans.

use super::{Defect, canary, defect};

const REFRESH: &str = "core/src/session/refresh.rs";
const FLIGHT: &str = "core/src/session/flight.rs";
const TRACE_REFRESH: &str = "core/src/trace/refresh.rs";
const TOKEN_STATE: &str = "core/src/session/token_state.rs";
const CREDENTIAL: &str = "core/src/session/credential.rs";
const SHARING: &str = "core/src/session/refresh/sharing.rs";
const TOKENS: &str = "core/src/session/tokens.rs";
const REENTRANCY: &str = "core/src/session/refresh/reentrancy.rs";
const TOKIO: &str = "core/src/tokio_runtime.rs";
const CLOCK: &str = "core/src/session/builder/clock.rs";
const BUILDER: &str = "core/src/session/builder.rs";
const TRACE_LOG: &str = "core/src/trace/log.rs";
const DISPATCH: &str = "core/src/session/events/dispatch.rs";
const TRACE_CALL: &str = "core/src/trace/call.rs";

pub(super) const DEFECTS: &[Defect] = &[
    canary(
        "driver",
        defect(
            "a request that waited for a renewal fails with it",
            TOKENS,
            "let renewed = self.state.renewed(held, there, self.runtime().now());",
            "let renewed = self.state.resume(held, Refusal::By(there), there, self.runtime().now());",
        ),
    ),
    canary(
        "waiting",
        defect(
            "a waiter that leaves and keeps its place",
            FLIGHT,
            "self.0.waiting.fetch_sub(1, Ordering::Relaxed);",
            "",
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
    defect(
        "published before saved",
        REFRESH,
        "            if let Ok(Delivered::GivenUp) = self.context.deliver(&self.state).await {\n                return None;\n            }\n",
        "",
    ),
    defect(
        "a refresher without a deadline",
        REFRESH,
        "AssertUnwindSafe(before(deadline, self.refresher.refresh(call)))",
        "AssertUnwindSafe(async { _ = deadline; Some(self.refresher.refresh(call).await) })",
    ),
    defect(
        "the old refresh token kept",
        REFRESH,
        "let token = base.renewed(answer, tried.wall_clock);",
        "let token = base.renewed(TokenResponse::new(answer.access_token()).expect(\"one\"), \
         tried.wall_clock);",
    ),
    defect(
        "the last failure forgotten",
        TOKEN_STATE,
        "locked.failure = Some(Arc::clone(&error));",
        "",
    ),
    defect(
        "a credential not marked sensitive",
        CREDENTIAL,
        "value.set_sensitive(true);",
        "value.set_sensitive(false);",
    ),
    defect(
        "a newer token in the store not adopted",
        SHARING,
        "                StoredTokenUse::Adopt => {\n                    return Looked::Adopt(context.adopted(token, held, position, time.tried));\n                }\n",
        "                StoredTokenUse::Adopt => {\n                    _ = context.adopted(token.clone(), held, position, time.tried);\n                    Claim::Needed\n                }\n",
    ),
    defect(
        "a sign-in of another session not followed",
        SHARING,
        "Found::Fence(record) => return Looked::Follow(self.follow(&record)),",
        "Found::Fence(_) => return Looked::Follow(Outcome::Overtaken),",
    ),
    defect(
        "a retry that begins too late",
        REFRESH,
        "if !retries.may_begin(time.left(context, began)) {",
        "if !retries.may_begin(context.call_timeout()) {",
    ),
    defect(
        "a store not read again after a token was refused",
        SHARING,
        "if settled == Some(Delivered::GivenUp) {",
        "if settled == Some(Delivered::GivenUp) && false {",
    ),
    defect(
        "a panic of a refresher not caught",
        REFRESH,
        "match answer.catch_unwind().await {",
        "match Ok::<_, Box<dyn std::any::Any + Send>>(answer.0.await) {",
    ),
    defect(
        "no task for a flight",
        TOKENS,
        "        flight.spawn(self.runtime());\n        let waiter = self.state.wait(&flight);",
        "        let waiter = self.state.wait(&flight);",
    ),
    defect(
        "a refresher that waits for itself",
        REENTRANCY,
        "polled.borrow().contains(&self)",
        "polled.borrow().contains(&self) && false",
    ),
    defect(
        "an answer that repeats the refresh token taken for a rotation",
        REFRESH,
        "Some(new) if Some(new) != base.refresh_token() => RefreshTokenChange::Replaced,",
        "Some(new) if !new.is_empty() => RefreshTokenChange::Replaced,",
    ),
    defect(
        "a call without a refresh token that spends one",
        REFRESH,
        "            None => Spends::Nothing,",
        "            None => Spends::RefreshToken,",
    ),
    defect(
        "a sleep that stays in a runtime nobody drives",
        TOKIO,
        "        if id == self.here {",
        "        if id == self.here || self.elsewhere.is_empty() {",
    ),
    defect(
        "a refresh where there is nothing to trade",
        REFRESH,
        "            false => Renewable::No,\n",
        "            false => Renewable::Yes,\n",
    ),
    defect(
        "a clock that stands still while the machine sleeps",
        CLOCK,
        "if ahead.abs_diff(before) > TOLERANCE.as_nanos() as u64 {",
        "if ahead.abs_diff(before) > TOLERANCE.as_nanos() as u64 && false {",
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
        "match refresher.can_refresh(token) {",
        "match refresher.can_refresh(token) || true {",
    ),
    defect(
        "a client that cannot speak https, and nobody says so",
        BUILDER,
        "supported.map_err(|what_to_do| BuildError::because(unsupported, what_to_do))",
        "{ _ = (supported, unsupported); Ok(()) }",
    ),
    defect(
        "a refresh that fails and says nothing",
        TRACE_LOG,
        "        EventKind::RefreshFailed { .. }\n            | EventKind::SaveFailed",
        "        EventKind::SaveFailed",
    ),
    defect(
        "a subscriber that panics, and nobody is told any more",
        DISPATCH,
        "_ = catch_unwind(AssertUnwindSafe(|| trace::log(&event)));",
        "trace::log(&event);",
    ),
    defect(
        "a span with the port of the other scheme",
        TRACE_CALL,
        "Some(scheme) if *scheme == Scheme::HTTPS => Some(443),",
        "Some(scheme) if *scheme == Scheme::HTTPS => Some(80),",
    ),
    defect(
        "any number of requests wait",
        FLIGHT,
        "None => self.state.waiting.load(Ordering::Relaxed),",
        "None => 0,",
    ),
    defect(
        "a sign-in that leaves the failure of the token before it",
        TOKEN_STATE,
        "        locked.failure = None;\n        self.update_needs_outcomes(&locked);\n        write();",
        "        self.update_needs_outcomes(&locked);\n        write();",
    ),
];
