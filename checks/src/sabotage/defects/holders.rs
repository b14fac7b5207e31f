//! Several holders of one record: what the explorer must find, and nearly all of it the simulator
//! too.

use super::{Defect, canary, defect, simulated};

const HOLDER: &str = "core/src/machine/holder.rs";
const MESSAGES: &str = "core/src/machine/holder/messages.rs";
const WRITES: &str = "core/src/machine/holder/writes.rs";

pub(super) const DEFECTS: &[Defect] = &[
    simulated(defect(
        "a refresh token sent before its claim is written",
        WRITES,
        "        self.save(record.with_write(ids.write), Wrote::Claim(claim), clocks)\n",
        "        self.claim = Some(claim);\n        self.end(Done::Claimed(claim.over, claim.id))\n",
    )),
    simulated(defect(
        "a claim that is written over whatever is there",
        WRITES,
        "            Wrote::Pending | Wrote::Known | Wrote::Claim(_) => self.look(clocks, ids),\n",
        "            Wrote::Claim(own) if self.there.is_some() => {\n                let own = *own;\n                let Some(mut record) = self.there.as_ref().map(|(there, _)| there.clone()) else {\n                    return self.end(Done::Failed);\n                };\n                record.claim = Some(Claim {\n                    id: own.id,\n                    holder: self.settings.name.clone(),\n                    in_doubt: false,\n                    limit: self.settings.limit,\n                });\n                self.save(record.with_write(ids.write), Wrote::Claim(own), clocks)\n            }\n            Wrote::Pending | Wrote::Known | Wrote::Claim(_) => self.look(clocks, ids),\n",
    )),
    simulated(defect(
        "a claim that was sent under taken for permission to send",
        HOLDER,
        "self.unsent.retain(|(unsent, _)| *unsent != id);",
        "_ = id;",
    )),
    simulated(defect(
        "a late release over the claim of somebody else",
        WRITES,
        "there.filter(|there| there.claimed_by(id))",
        "there.filter(|there| there.claim.is_some() || there.claimed_by(id))",
    )),
    simulated(defect(
        "an older record adopted",
        HOLDER,
        "            && position.order() < known.position.order()\n",
        "            && position.order() < known.position.order()\n            && position == known.position\n",
    )),
    simulated(defect(
        "a tombstone without its epoch",
        WRITES,
        "            epoch: last.saturating_add(1),\n",
        "            epoch: last.saturating_add(u64::from(fence.token.is_some())),\n",
    )),
    simulated(defect(
        "a lease in the place of the claim: its holder does not look at its limit",
        HOLDER,
        "        let claim = claim.filter(|claim| claim.id == id && now < claim.deadline)?;\n        claim.sent = true;\n        self.unsent.retain(|(unsent, _)| *unsent != id);\n        Some(claim.deadline)\n",
        "        _ = now;\n        let claim = claim.filter(|claim| claim.id == id)?;\n        claim.sent = true;\n        self.unsent.retain(|(unsent, _)| *unsent != id);\n        Some(Duration::MAX)\n",
    )),
    simulated(defect(
        "a lease in the place of the claim: it is lost as soon as its time has passed",
        HOLDER,
        "let seen_for = clocks.monotonic.saturating_sub(since);",
        "_ = since;\n        let seen_for = clocks.now;",
    )),
    simulated(defect(
        "a commit that overwrites a fence",
        WRITES,
        "            if theirs.is_fence_for(ours) {\n                return Delivery::GivenUp;\n            }\n            if theirs.order() >= ours.order() {",
        "            if theirs.seq >= ours.seq {",
    )),
    simulated(defect(
        "a refusal that erases the winner's token",
        WRITES,
        "there.filter(|there| there.claimed_by(id))",
        "there.filter(|there| released == Released::Dead || there.claimed_by(id))",
    )),
    simulated(defect(
        "a client at fault that ends all sessions",
        MESSAGES,
        "            CallFailure::Refused => Self::Refused,\n            CallFailure::Lost => Self::Lost,\n            // The client that is misconfigured may be one of many.\n            CallFailure::SpentNothing\n            | CallFailure::NotProcessed\n            | CallFailure::Misconfigured\n",
        "            CallFailure::Refused | CallFailure::Misconfigured => Self::Refused,\n            CallFailure::Lost => Self::Lost,\n            CallFailure::SpentNothing\n            | CallFailure::NotProcessed\n",
    )),
    defect(
        "a refresh while the store is down",
        HOLDER,
        "                self.failed(wrote.map(|(wrote, _)| wrote));\n",
        "                if let Some((Wrote::Claim(claim), _)) = &wrote {\n                    self.claim = Some(*claim);\n                    return self.end(Done::Claimed(Claimed::Free, claim.id));\n                }\n                self.failed(wrote.map(|(wrote, _)| wrote));\n",
    ),
    canary(
        "holders",
        defect(
            "a claim taken over without another look",
            WRITES,
            "Lost => (Claimed::Over, 0),",
            "Lost => (Claimed::Free, 0),",
        ),
    ),
    defect(
        "sends that are not counted across holders",
        WRITES,
        "record.sends = record.sends.saturating_add(counts.saturating_sub(counted));",
        "record.sends = counts.max(counted);",
    ),
    defect(
        "a sign-in or sign-out that is never late",
        WRITES,
        "if late { known } else { known.max(epoch) }",
        "if late && known > epoch { known } else { known.max(epoch) }",
    ),
    defect(
        "an unsent claim that counts against its own holder",
        HOLDER,
        "let own = self.unsent_claim(record).unwrap_or(0);",
        "let own = 0 * self.unsent_claim(record).unwrap_or(0);",
    ),
    defect(
        "a successor written over what was traded from the other one",
        WRITES,
        "record.position.seq = theirs.seq.saturating_add(1);",
        "record.position.seq = theirs.seq.saturating_add(1);\n                self.known = Some(record.clone());",
    ),
];
