//! Requests: where the token may go, what is sent again, and redirects.

use super::{Defect, canary, defect};

const ORIGINS: &str = "core/src/session/execute/origins.rs";
const ATTEMPT_LOOP: &str = "core/src/session/execute/attempt_loop.rs";
const SPARE: &str = "core/src/body/spare.rs";
const CLASSIFY: &str = "core/src/session/execute/classify.rs";
const LENT: &str = "core/src/body/lent.rs";
const REQUEST: &str = "core/src/session/execute/request.rs";
const EXECUTE: &str = "core/src/session/execute.rs";
const ALLOWED_ORIGIN: &str = "core/src/origin/allowed_origin.rs";
const HEAD_BUFFER: &str = "core/src/session/execute/head_buffer.rs";
const PATH: &str = "core/src/origin/path.rs";
const BASE: &str = "core/src/origin/base.rs";
const NEXT_HOP: &str = "core/src/session/execute/next_hop.rs";
const REWRITE: &str = "core/src/session/execute/rewrite.rs";
const SAVED_HEAD: &str = "core/src/session/execute/saved_head.rs";
const LOCATION: &str = "core/src/session/execute/location.rs";

pub(super) const DEFECTS: &[Defect] = &[
    canary(
        "sockets",
        defect(
            "the token goes to any origin",
            ORIGINS,
            "position(|entry| holds(&origin, entry))",
            "position(|entry| holds(&origin, entry) || true)",
        ),
    ),
    defect(
        "a response not drained",
        ATTEMPT_LOOP,
        "            (Some(refused), _) => {\n                drain::drain::<T>(refused, \
         self.tokens.runtime(), &mut history.refused).await;",
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
        CLASSIFY,
        "None => answered.is_refused(),",
        "None => status == StatusCode::UNAUTHORIZED,",
    ),
    defect(
        "what the server asks for kept from the caller",
        ATTEMPT_LOOP,
        "classified.add_to(T::extensions_mut(response));",
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
        REQUEST,
        "// Again: the hook may have changed the header.\n            credential.sign(headers);",
        "",
    ),
    defect(
        "a timeout that forgets what was refused",
        EXECUTE,
        "answer.map_err(|error| error.with_refused(state.refused()))",
        "answer",
    ),
    defect(
        "the caller's credentials overwritten",
        ORIGINS,
        "let has_credentials = head.headers().contains_key(&self.header);",
        "let has_credentials = head.headers().contains_key(\"x-none\");",
    ),
    defect(
        "an origin matched by how it begins",
        ALLOWED_ORIGIN,
        "self.authority == address.authority",
        "address.authority.starts_with(&*self.authority)",
    ),
    defect(
        "a header of several values replayed with the last",
        HEAD_BUFFER,
        "headers.append(name, value);",
        "headers.insert(name, value);",
    ),
    defect(
        "a sensitive header replayed as one that is not",
        HEAD_BUFFER,
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
        NEXT_HOP,
        "None => TargetOrigin::Foreign,",
        "None => TargetOrigin::Allowed,",
    ),
    defect(
        "a body sent behind a 303",
        REWRITE,
        "self.body = Spare::new(Body::empty());",
        "",
    ),
    defect(
        "a POST sent behind a 303",
        REWRITE,
        "*head.method_mut() = Method::GET;",
        "",
    ),
    defect(
        "the first hop replayed in the place of the refused one",
        SAVED_HEAD,
        "*head.uri_mut() = self.uri()?;",
        "*head.uri_mut() = Uri::from_static(\"https://a.example/start\");",
    ),
    defect(
        "a cookie carried along to a foreign origin",
        REWRITE,
        "                remove(head.headers_mut(), &FOR_ONE_ORIGIN);\n",
        "",
    ),
    defect(
        "a redirect not drained",
        NEXT_HOP,
        "drain::drain::<T>(redirected, self.tokens.runtime(), &mut None).await;",
        "drop(redirected);",
    ),
    defect(
        "a refusal that redirects followed",
        NEXT_HOP,
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
