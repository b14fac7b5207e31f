//! The adapters for reqwest and isahc.

use super::{Defect, canary, defect};

const MIDDLEWARE: &str = "transport-reqwest/src/middleware.rs";
const BLOCKING_RESPONSE: &str = "transport-reqwest/src/blocking/response.rs";
const ISAHC: &str = "transport-isahc/src/transport.rs";
const REQWEST_TLS: &str = "transport-reqwest/src/tls.rs";
const REQWEST: &str = "transport-reqwest/src/transport.rs";
const OUTGOING: &str = "transport-isahc/src/outgoing.rs";
const ISAHC_BLOCKING: &str = "transport-isahc/src/blocking.rs";

pub(super) const DEFECTS: &[Defect] = &[
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
        "redirects followed by the client",
        REQWEST,
        ".redirect(Policy::none())\n",
        "\n",
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
        "a client without TLS that takes https for an outage",
        REQWEST,
        "(Tls::Missing, Ok(request)) if request.url().scheme() == \"https\" => {",
        "(Tls::Missing, Ok(request)) if request.url().scheme() == \"none\" => {",
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
];
