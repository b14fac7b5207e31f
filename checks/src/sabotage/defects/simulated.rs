//! What the simulator must find by itself: the driver, the store queue, and the rules that they
//! perform.

use super::{Defect, canary, defect, simulated};

const COORDINATOR: &str = "core/src/machine/coordinator.rs";
const CHANGES: &str = "core/src/machine/coordinator/changes.rs";
const OUTBOX: &str = "core/src/machine/outbox.rs";
const STORE_QUEUE: &str = "core/src/session/store_queue.rs";
const TOKEN_STATE: &str = "core/src/session/token_state.rs";
const DISPATCH: &str = "core/src/session/events/dispatch.rs";
const RUNTIME: &str = "core/src/runtime.rs";
const CALL: &str = "core/src/refresher/call.rs";

pub(super) const DEFECTS: &[Defect] = &[
    canary(
        "simulator",
        simulated(Defect {
            more: &[
                (
                    "    found: Result<Found<TokenPair>, StoreFailure>,",
                    "    found: Result<Option<Stored>, StoreFailure>,",
                ),
                (
                    "(Job::Read(_) | Job::Flush, _) => Ok(Found::NothingNew),",
                    "(Job::Read(_) | Job::Flush, _) => Ok(None),",
                ),
                (
                    "            found: Ok(Found::NothingNew),",
                    "            found: Ok(None),",
                ),
                (
                    "        match result.found.map_err(RefreshError::transient)? {",
                    "        let there = result.found.map_err(RefreshError::transient)?.map(parts);\n\
                     let found = lock(&self.outbox).find(&TokenPair(Arc::clone(token)), there);\n\
                     match found {",
                ),
            ],
            ..defect(
                "what was read looked at outside its turn",
                STORE_QUEUE,
                "stored.map(|stored| lock(&self.outbox).find(&held, stored.map(parts)))",
                "{ _ = held; stored }",
            )
        }),
    ),
    simulated(defect(
        "a refusal from before the fence admitted",
        COORDINATOR,
        "        if stale < self.fence {\n            return Admission::Superseded;",
        "        if stale < Generation::FIRST {\n            return Admission::Superseded;",
    )),
    simulated(defect(
        "an old identity replayed as the new",
        COORDINATOR,
        "if stale < self.fence || stale >= self.generation {",
        "if stale >= self.generation {",
    )),
    simulated(defect(
        "a hop signed as somebody else",
        COORDINATOR,
        "(signed >= self.fence).then(|| self.record_use(there.into()))",
        "(signed >= Generation::FIRST).then(|| self.record_use(there.into()))",
    )),
    simulated(defect(
        "a token that expired while it was saved",
        COORDINATOR,
        "if self.validity.is_over(now) && self.renewable == Renewable::Yes {",
        "if self.validity.is_over(now) && self.renewable == Renewable::No {",
    )),
    simulated(defect(
        "the cancelled leader takes the refresh along",
        COORDINATOR,
        "self.phase = Phase::InFlight(flight.clone());",
        "",
    )),
    simulated(defect(
        "a refused token sent by new requests",
        COORDINATOR,
        "            self.refused.add(there);\n",
        "            _ = there;\n",
    )),
    simulated(defect(
        "an overtaken flight that publishes",
        CHANGES,
        "        if !self.awaits(stale) {\n            return Landed::Overtaken;",
        "        if stale > self.generation {\n            return Landed::Overtaken;",
    )),
    simulated(defect(
        "a call that was not processed counted",
        CHANGES,
        "            CallFailure::NotProcessed => {\n                self.refresh_token.known = \
         self.refresh_token.known.not_processed();\n",
        "            CallFailure::NotProcessed => {\n",
    )),
    simulated(defect(
        "a word to the store forgotten",
        OUTBOX,
        "        self.fence = generation;\n        self.pending = Some(write);",
        "        self.fence = generation;\n        _ = write;",
    )),
    simulated(defect(
        "an overtaken flight writes to the store",
        OUTBOX,
        "        if stale < self.fence {\n            return false;",
        "        if stale < Generation::FIRST {\n            return false;",
    )),
    simulated(defect(
        "a store turn left in place",
        STORE_QUEUE,
        "            lock(&self.current).take_if(|current| current.ptr_eq(&running));\n",
        "",
    )),
    simulated(defect(
        "a save that failed forgotten",
        STORE_QUEUE,
        "            self.save(&write).await?;\n",
        "            let saved = self.save(&write).await;\n            lock(&self.outbox).flushed(&write);\n            saved?;\n",
    )),
    simulated(defect(
        "a lost answer counted as not processed",
        TOKEN_STATE,
        "(Unknown, Spends::RefreshToken) => CallFailure::Lost,",
        "(Unknown, Spends::RefreshToken) => CallFailure::NotProcessed,",
    )),
    simulated(defect(
        "a waiter not woken",
        RUNTIME,
        "        sleep.as_mut().poll(context).map(|()| None)\n    })\n    .await",
        "        _ = context;\n        let mut context = Context::from_waker(std::task::Waker::noop());\n        \
         sleep.as_mut().poll(&mut context).map(|()| None)\n    })\n    .await",
    )),
    simulated(defect(
        "an abandoned token call sent",
        CALL,
        "matches!(begun, Ok(_) | Err(BEGUN))",
        "matches!(begun, Ok(_) | Err(BEGUN | ABANDONED))",
    )),
    simulated(defect(
        "events out of order",
        DISPATCH,
        "queue.undelivered.pop_front()",
        "queue.undelivered.pop_back()",
    )),
];
