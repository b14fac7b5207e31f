//! What the simulator must find by itself: the driver, the store queue, and the rules that they
//! perform.

use super::{Defect, canary, defect, simulated};

const COORDINATOR: &str = "core/src/machine/coordinator.rs";
const CHANGES: &str = "core/src/machine/coordinator/changes.rs";
const HOLDER: &str = "core/src/machine/holder.rs";
const WRITES: &str = "core/src/machine/holder/writes.rs";
const SHARING: &str = "core/src/session/refresh/sharing.rs";
const STORE_QUEUE: &str = "core/src/session/store_queue.rs";
const TOKEN_STATE: &str = "core/src/session/token_state.rs";
const DISPATCH: &str = "core/src/session/events/dispatch.rs";
const RUNTIME: &str = "core/src/runtime.rs";
const CALL: &str = "core/src/refresher/call.rs";

pub(super) const DEFECTS: &[Defect] = &[
    canary(
        "simulator",
        simulated(defect(
            "a refresh while the store is down, by the driver",
            SHARING,
            "                        return Claiming::Failed(RefreshError::transient(error));",
            "                        _ = error;\n                        return Claiming::Send(None);",
        )),
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
        "if overtaken || stale >= self.generation || self.access == Access::Absent {",
        "if (overtaken && stale >= self.generation) || self.access == Access::Absent {",
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
        "a sign-in or sign-out that the store is not told",
        STORE_QUEUE,
        "self.holder(|holder| holder.fence(token, random(), now));",
        "self.holder(|_| _ = (token, now));",
    )),
    simulated(Defect {
        more: &[(
            "if !claim.base.is_same_sign_in(self.held) {",
            "if claim.base.epoch > self.held.epoch {",
        )],
        ..defect(
            "an overtaken flight writes to the store",
            WRITES,
            "        self.claim = None;\n        self.make_pending(Pending::Fence(Fence {",
            "        self.make_pending(Pending::Fence(Fence {",
        )
    }),
    simulated(defect(
        "a store turn left in place",
        STORE_QUEUE,
        "            lock(&self.current).take_if(|current| current.ptr_eq(&running));\n",
        "",
    )),
    simulated(defect(
        "a save that failed forgotten",
        HOLDER,
        "                self.failed(wrote.map(|(wrote, _)| wrote));\n",
        "                self.failed(wrote.map(|(wrote, _)| wrote));\n                self.pending = None;\n",
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
