//! Requests: where the token may go, what is sent again, and redirects.

use super::{Defect, canary, defect};

const PASSAGE: &str = "core/src/session/passage.rs";
const JOURNEY: &str = "core/src/session/journey.rs";
const SPARE: &str = "core/src/body/spare.rs";
const JUDGEMENT: &str = "core/src/session/judgement.rs";
const LENT: &str = "core/src/body/lent.rs";
const ATTEMPTS: &str = "core/src/session/attempts.rs";
const SESSION: &str = "core/src/session.rs";
const PLACE: &str = "core/src/origin/place.rs";
const FLAT: &str = "core/src/session/flat.rs";
const PATH: &str = "core/src/origin/path.rs";
const BASE: &str = "core/src/origin/base.rs";
const HOPS: &str = "core/src/session/hops.rs";
const TURN: &str = "core/src/session/attempts/turn.rs";
const KEPT: &str = "core/src/session/attempts/kept.rs";
const LOCATION: &str = "core/src/session/hops/location.rs";

pub(super) const DEFECTS: &[Defect] = &[
    canary(
        "sockets",
        defect(
            "the token goes to any origin",
            PASSAGE,
            "position(|place| holds(&origin, place))",
            "position(|place| holds(&origin, place) || true)",
        ),
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
        "the token kept on leaving the list",
        HOPS,
        "None => Place::Stranger,",
        "None => Place::Listed,",
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
];
