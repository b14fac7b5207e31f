//! The state machines: what the rules about tokens and redirects decide.

use super::{Defect, canary, defect};

const MACHINE: &str = "core/src/machine/session_machine.rs";
const COORDINATOR: &str = "core/src/machine/coordinator.rs";
const CHANGES: &str = "core/src/machine/coordinator/changes.rs";
const PHASE: &str = "core/src/machine/phase.rs";
const PERMITS: &str = "core/src/machine/permits.rs";
const VALIDITY: &str = "core/src/machine/validity.rs";
const RETRIES: &str = "core/src/machine/retries.rs";
const REDIRECTS: &str = "core/src/machine/redirects.rs";
const MESSAGES: &str = "core/src/machine/session_machine/messages.rs";
const FRESH_TOKEN: &str = "core/src/machine/fresh_token.rs";
const REFUSALS: &str = "core/src/machine/refusals.rs";
const LOOKS: &str = "core/src/machine/looks.rs";
const STORED_TOKEN: &str = "core/src/machine/stored_token.rs";
const REDIRECT_MESSAGES: &str = "core/src/machine/redirects/messages.rs";

pub(super) const DEFECTS: &[Defect] = &[
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
        "an overtaken flight asks all the same",
        CHANGES,
        "        if !self.awaits(stale) {\n            return Sending::Overtaken;",
        "        if stale > self.generation {\n            return Sending::Overtaken;",
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
        "if !self.may_be_sent(now) {\n            // A look",
        "if !self.may_be_sent(Duration::ZERO) {\n            // A look",
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
        "CallFailure::Lost if waiting > 0 && self.may_be_sent(now) => Again::AfterAPause,",
        "CallFailure::Lost => Again::AfterAPause,",
    ),
    defect(
        "a retry that its deadline cuts off",
        RETRIES,
        "let needed = took.max(SHORTEST_TRY);",
        "let needed = took.min(Duration::ZERO);",
    ),
    defect("no end of retries", RETRIES, "self.left -= 1;", ""),
    defect(
        "a stream sent with a token that is about to expire",
        COORDINATOR,
        "let renews = once && self.validity.is_ending(now);",
        "let renews = once && self.validity.has_expired(now);",
    ),
    defect(
        "a request that waited for a renewal sent for somebody else",
        COORDINATOR,
        "Some(token) if token == held => Resume::With(held),",
        "Some(token) if token >= held => Resume::With(token),",
    ),
    defect(
        "the token for a foreign origin over TLS",
        REDIRECTS,
        "(Credentials::Session, TargetOrigin::Allowed, _, Channel::Tls)",
        "(Credentials::Session, _, _, Channel::Tls)",
    ),
    defect(
        "the token kept from https to http",
        REDIRECTS,
        "(Credentials::Session, TargetOrigin::Allowed, _, Channel::Tls)",
        "(Credentials::Session, TargetOrigin::Allowed, _, _)",
    ),
    defect(
        "https forgotten after a hop without",
        REDIRECTS,
        "Channel::Tls => Channel::Tls,",
        "Channel::Tls => to.channel,",
    ),
    defect(
        "the token for a request with credentials of its own",
        REDIRECTS,
        "(Credentials::Session, TargetOrigin::Allowed, _, Channel::Tls)",
        "(_, TargetOrigin::Allowed, _, Channel::Tls)",
    ),
    defect(
        "a second refresh behind a redirect",
        REDIRECTS,
        "let refresh = RefreshBudget::Spent;",
        "let refresh = RefreshBudget::Left;",
    ),
    defect(
        "a hop behind the refresh that asks for another",
        MESSAGES,
        "(RefreshBudget::Spent, TokenStatus::Usable(_)) => Self::StartFinal(token),",
        "(RefreshBudget::Spent, TokenStatus::Usable(_)) => Self::Start(TokenStatus::Usable(token)),",
    ),
    defect(
        "a hop that goes for somebody else",
        COORDINATOR,
        "(signed >= self.fence).then(|| self.record_use(there.into()))",
        "{ _ = signed; Some(self.record_use(there.into())) }",
    ),
    defect(
        "a good token put at risk for a new one",
        PHASE,
        "at_risk == AtRisk::Nothing && self",
        "(at_risk == AtRisk::Nothing || at_risk == AtRisk::AccessToken) && self",
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
        "            CallFailure::NotProcessed => {\n                self.refresh_token.known = self.refresh_token.known.not_processed();",
        "            CallFailure::NotProcessed => {",
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
        FRESH_TOKEN,
        "self.until.filter(|until| now < *until)",
        "self.until.filter(|until| now > *until)",
    ),
    defect(
        "the refused token taken for a newer one",
        CHANGES,
        "if access_token == AccessTokenChange::Same && !self.refused.is_empty() {",
        "if access_token == AccessTokenChange::Same && self.refused.is_empty() {",
    ),
    defect(
        "a refusal by one origin that costs the others",
        COORDINATOR,
        "!self.refused.origins().intersects(there.origin)",
        "self.refused.origins().is_empty()",
    ),
    defect(
        "what is known of one refresh token taken for another's",
        CHANGES,
        "None => self.refresh_token.switch_to(refresh_token),",
        "None => {}",
    ),
    defect(
        "what is known of a refresh token forgotten with a sign-in",
        CHANGES,
        "        self.refresh_token.switch_to(refresh_token);\n        self.raise_fence()",
        "        _ = refresh_token;\n        self.refresh_token = Default::default();\n        self.raise_fence()",
    ),
    defect(
        "what is known of a refresh token forgotten with its adoption",
        PHASE,
        "RefreshTokenChange::Adopted(id) => self.switch_to(id),",
        "RefreshTokenChange::Adopted(_) => *self = Self::default(),",
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
        "                    self.refused = Refusals::default();\n                    self.looks",
        "                    self.looks",
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
        "margins by what is left of a token in hand",
        VALIDITY,
        "term.whole.map_or(margin, |whole| margin.min(whole / part))",
        "margin.min(term.whole.map_or(lifetime, |_| lifetime) / part)",
    ),
    defect(
        "a doubt that recedes for ever",
        COORDINATOR,
        "let waited = |since: Duration| now >= since",
        "let waited = |since: Duration| false && now >= since",
    ),
    defect(
        "a claim on another record than the one that was found",
        "core/src/machine/holder/writes.rs",
        "position == base && position.is_same_sign_in(self.held)",
        "(position == base || true) && position.is_same_sign_in(self.held)",
    ),
    defect(
        "an expired token in the store adopted",
        STORED_TOKEN,
        "== StoredAccessToken::Other && self.lifetime != Some(Duration::ZERO);",
        "== StoredAccessToken::Other && self.lifetime != Some(Duration::MAX);",
    ),
    defect(
        "a token adopted that is not newer",
        STORED_TOKEN,
        "(Age::Newer, _) if usable => StoredTokenUse::Adopt,",
        "(_, _) if usable => StoredTokenUse::Adopt,",
    ),
    defect(
        "a flight that does not wait for somebody else's claim",
        STORED_TOKEN,
        "(_, Standing::Claimed { lost_in, .. }) => StoredTokenUse::Wait(*lost_in),",
        "(_, Standing::Claimed { .. }) => StoredTokenUse::Claim,",
    ),
    defect(
        "what all sessions know of a refresh token not asked for",
        CHANGES,
        "Some(sent) => self.refresh_token.share(refresh_token, sent),",
        "Some(_) => self.refresh_token.switch_to(refresh_token),",
    ),
    defect(
        "a session that has ended and looks at its store for each request",
        LOOKS,
        "now >= self.next",
        "now >= self.next.min(Duration::ZERO)",
    ),
    defect(
        "a session that has ended and does not look at its store",
        LOOKS,
        "now >= self.next",
        "now >= self.next && self.next > Duration::MAX",
    ),
    defect(
        "a token renewed for a hop that may not wait",
        REDIRECT_MESSAGES,
        "Self::Spent => Sendable::Again,",
        "Self::Spent => sendable,",
    ),
];
