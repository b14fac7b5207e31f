//! The answers of token servers, at least one for each row of `docs/answers.md`: for the grants
//! alone, and again over sockets.

use std::collections::BTreeMap;

/// The grants that get such an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of them.
    All,
    /// By a refresh token alone, without client credentials.
    WithoutSecret,
    /// With client credentials, by a refresh token or by them alone.
    WithSecret,
    /// By a refresh token, with or without client credentials.
    ByRefreshToken,
    /// By client credentials alone.
    ByClientCredentials,
}

/// An answer of a token server.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its row in the table.
    pub row: &'static str,
    /// The grants that get it.
    pub asked: Asked,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body, with [`ACCESS`] in the place of a token.
    body: String,
}

const ACCESS: &str = "ACCESS";

/// The rows and the class of the section of the table that begins with this line.
///
/// # Panics
///
/// If there is no such section, or a row of it is repeated.
#[must_use]
pub fn rows(section: &str) -> BTreeMap<&'static str, &'static str> {
    const TABLE: &str = include_str!("../../docs/answers.md");
    let lines = TABLE.lines().skip_while(|line| *line != section).skip(2);
    let lines: Vec<_> = lines.take_while(|line| line.starts_with('|')).collect();
    let cells = |line: &'static str| {
        let (row, class) = line.trim_matches(['|', ' ']).split_once(" | ")?;
        Some((row, class.trim_matches('`')))
    };
    let rows: BTreeMap<_, _> = lines.iter().filter_map(|line| cells(line)).collect();
    assert!(!rows.is_empty(), "there is no section {section}");
    assert_eq!(rows.len(), lines.len(), "a row is repeated or missing");
    rows
}

/// The first line of the section about answers.
pub const ANSWERED: &str = "| answer | class |";

impl Case {
    fn new(row: &'static str, status: u16, body: impl Into<String>) -> Self {
        Self {
            row,
            asked: Asked::All,
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    fn asked(self, asked: Asked) -> Self {
        Self { asked, ..self }
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The body, with this access token in it.
    #[must_use]
    pub fn body(&self, access_token: &str) -> String {
        self.body.replacen(ACCESS, access_token, 1)
    }

    /// The refresh token in the answer, if any.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&'static str> {
        self.body.contains(ROTATED).then_some("r2")
    }
}

const ROTATED: &str = r#""refresh_token":"r2""#;

/// A success that rotates, with these members added.
fn token(row: &'static str, members: &str) -> Case {
    let body = format!(r#"{{"access_token":"{ACCESS}",{ROTATED}{members}}}"#);
    Case::new(row, 200, body)
}

fn refusal(row: &'static str, status: u16, code: &str) -> Case {
    let body = format!(r#"{{"error":"{code}","error_description":"no"}}"#);
    Case::new(row, status, body)
}

/// A page that is no answer of a token server.
pub const HTML: &str = "<!doctype html><title>Welcome</title>";

/// All answers; each row of the table has at least one.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    committed(&mut cases);
    of_a_success(&mut cases);
    refused(&mut cases);
    by_status(&mut cases);
    cases
}

fn committed(cases: &mut Vec<Case>) {
    let row = "200, or another 2xx, with an access token";
    cases.push(token(row, ""));
    cases.push(Case {
        status: 201,
        ..token(row, "")
    });

    let row = "… and `token_type` in any case, or none";
    for token_type in [
        r#""bearer""#,
        r#""Bearer""#,
        r#""BEARER""#,
        "null",
        r#""""#,
        "7",
    ] {
        cases.push(token(row, &format!(r#","token_type":{token_type}"#)));
    }
    let row = "… and a `token_type` that is not bearer";
    for token_type in ["mac", "DPoP", "N_A"] {
        cases.push(token(row, &format!(r#","token_type":"{token_type}""#)));
    }
    let row = "… and any `expires_in`: number, text, fraction, 0, negative, huge, null, none, \
               no number";
    cases.push(token(row, ""));
    for expires_in in [
        "3600",
        r#""3600""#,
        "3600.5",
        "0",
        "-1",
        "1e18",
        "1e300",
        "1e999",
        "null",
        r#""soon""#,
        "[60]",
        "true",
    ] {
        cases.push(token(row, &format!(r#","expires_in":{expires_in}"#)));
    }
    let row = "… and no `refresh_token`, or null, or an empty one: the old one stays";
    for member in [
        "",
        r#","refresh_token":null"#,
        r#","refresh_token":"""#,
        r#","refresh_token":7"#,
    ] {
        let body = format!(r#"{{"access_token":"{ACCESS}"{member}}}"#);
        cases.push(Case::new(row, 200, body));
    }
    let row = "… and another `scope`, narrower or in a list";
    for scope in [r#""books.read""#, r#"["books.read"]"#, r#""""#] {
        cases.push(token(row, &format!(r#","scope":{scope}"#)));
    }
    let row = "… and an `error` member beside it";
    for error in ["null", r#""invalid_grant""#, "{}"] {
        cases.push(token(row, &format!(r#","error":{error}"#)));
    }
    let row = "… and members of any other kind, or a byte order mark before it";
    for member in [
        r#""user":{"name":"a","groups":[{"id":1e999}]}"#,
        r#""note":"\ud800""#,
        r#""access_token_2":null"#,
    ] {
        cases.push(token(row, &format!(",{member}")));
    }
    let mut marked = token(row, "");
    marked.body.insert(0, '\u{feff}');
    cases.push(marked);
    let row = "… and bytes behind the object that are no JSON";
    for behind in ["\r\n0\r\n", "}", "{\"access_token\":", "<!-- 12 ms -->"] {
        let token = format!(r#"{{"access_token":"{ACCESS}",{ROTATED}}}{behind}"#);
        cases.push(Case::new(row, 200, token));
    }
    let row = "… with white space around it, or the name of its scheme before it: the token is \
               stored without them";
    for access_token in [
        r"ACCESS\n",
        r" ACCESS\t ",
        "Bearer ACCESS",
        r"bearer ACCESS\r\n",
    ] {
        let body = format!(r#"{{"access_token":"{access_token}",{ROTATED}}}"#);
        cases.push(Case::new(row, 200, body));
    }
    let row = "… and 64 KiB that hold the whole object, with more behind them";
    let mut padded = token(row, "");
    padded.body += &" ".repeat(1 << 20);
    cases.push(padded);
}

fn of_a_success(cases: &mut Vec<Case>) {
    let row = "200 without an access token, with the error code of a dead refresh token";
    for code in [
        "invalid_grant",
        "bad_refresh_token",
        "invalid_refresh_token",
    ] {
        cases.push(refusal(row, 200, code).asked(Asked::ByRefreshToken));
    }
    let row = "200 without an access token, with the error code of a client at fault";
    for code in [
        "invalid_client",
        "incorrect_client_credentials",
        "bad_client_secret",
    ] {
        cases.push(refusal(row, 200, code));
    }
    cases.push(refusal(row, 200, "invalid_grant").asked(Asked::ByClientCredentials));
    let row = "200 without an access token, with another error code or none";
    cases.push(refusal(row, 200, "something_else"));
    // Its token has another name than the configured one.
    for body in [
        r#"{"token":"A","message":"Token refreshed. The previous refresh token is no longer valid."}"#,
        r#"{"jwt":"A","notice":{"title":"You will need to log in again in 30 days"}}"#,
        r#"{"token":"A","limits":{"status":"rate_limited"}}"#,
    ] {
        cases.push(Case::new(row, 200, body));
    }
    for body in [
        "{}",
        r#"{"error":7}"#,
        r#"{"access_token":7}"#,
        r#"{"access_token":null}"#,
    ] {
        cases.push(Case::new(row, 200, body));
    }
    let row = "200 with an access token that cannot stand in a header";
    for token in ["", " ", r"a\nb", r"a\u0000b", "a\u{e9}"] {
        cases.push(Case::new(
            row,
            200,
            format!(r#"{{"access_token":"{token}"}}"#),
        ));
    }
    let row = "200 with a page of HTML, or nothing";
    for body in [HTML, "", "[]", "null", "\"a\""] {
        cases.push(Case::new(row, 200, body));
    }
    let row = "200 with JSON that is cut off, is over 64 KiB, or has a name that is no text";
    cases.push(token(row, r#","\ud800":1"#));
    cases.push(Case::new(row, 200, r#"{"access_token":"a","refresh_"#));
    let long = "x".repeat(1 << 20);
    cases.push(token(row, &format!(r#","note":"{long}""#)));
    let row = "204, and another 2xx without an access token";
    cases.push(Case::new(row, 204, ""));
    cases.push(Case::new(row, 202, HTML));
}

/// A refusal with this body.
fn said(row: &'static str, status: u16, body: &str) -> Case {
    Case::new(row, status, body).asked(Asked::ByRefreshToken)
}

fn refused(cases: &mut Vec<Case>) {
    let row = "400, 401, 403 or another 4xx with `invalid_grant`, or its like";
    for status in [400, 401, 403, 404, 422] {
        cases.push(refusal(row, status, "invalid_grant").asked(Asked::ByRefreshToken));
    }
    for code in [
        "bad_refresh_token",
        "refresh_token_reused",
        "revoked_refresh_token",
    ] {
        cases.push(refusal(row, 400, code).asked(Asked::ByRefreshToken));
    }
    let row = "… nested in another object or a list, in other letters, or as text";
    for (status, body) in [
        (
            401,
            r#"{"error":{"message":"used","type":"invalid_request_error","code":"refresh_token_reused"}}"#,
        ),
        (
            404,
            r#"{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}"#,
        ),
        (
            400,
            r#"{"errors":[{"errorType":"invalid_grant","message":"no"}],"success":false}"#,
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"TOKEN_EXPIRED","status":"INVALID_ARGUMENT"}}"#,
        ),
        (400, r#"{"data":{"errorCode":"InvalidGrant"}}"#),
        (400, r#"{"ErrorCode":"INVALID_REFRESH_TOKEN"}"#),
        (
            400,
            r#"{"code":400,"error_code":"refresh_token_not_found","msg":"no"}"#,
        ),
        (
            400,
            "error=bad_refresh_token&error_description=The+refresh+token+is+incorrect",
        ),
        (400, "Invalid refresh token"),
        (403, "\"invalid_grant\""),
    ] {
        cases.push(said(row, status, body));
    }
    let row = "… by client credentials, where nobody can sign in again";
    for status in [400, 401] {
        cases.push(refusal(row, status, "invalid_grant").asked(Asked::ByClientCredentials));
    }
    let row = "4xx with `invalid_token`, `expired_token`, or a code that requires the user to \
               sign in: `interaction_required`, `consent_required`, `login_required`, \
               `mfa_required`";
    for code in [
        "invalid_token",
        "expired_token",
        "interaction_required",
        "consent_required",
        "login_required",
        "mfa_required",
    ] {
        for status in [400, 401, 403] {
            cases.push(refusal(row, status, code).asked(Asked::ByRefreshToken));
        }
    }
    let row = "4xx with a sentence that says that the refresh token is dead, alone or beside \
               `invalid_request`, `unauthorized_client` or a code that is not known";
    for (status, body) in [
        (400, r#"{"status":400,"message":"Invalid refresh token"}"#),
        (
            403,
            r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"Refresh token not found or expired"}"#,
        ),
        (400, r#"{"error":"Invalid refresh token"}"#),
        (
            422,
            r#"{"code":"E17","detail":"The refresh token was already used."}"#,
        ),
        (
            400,
            r#"{"error":"something_else","message":"Session expired, please log in again"}"#,
        ),
    ] {
        cases.push(said(row, status, body));
    }
    for (row, code) in [
        ("400 or 401 with `invalid_request`", "invalid_request"),
        ("400 or 401 with `invalid_client`", "invalid_client"),
        (
            "400 or 401 with `unauthorized_client`",
            "unauthorized_client",
        ),
        (
            "400 or 401 with `unsupported_grant_type`",
            "unsupported_grant_type",
        ),
        ("400 or 401 with `invalid_scope`", "invalid_scope"),
        ("400 or 401 with `invalid_target`", "invalid_target"),
    ] {
        cases.push(refusal(row, 400, code));
        cases.push(refusal(row, 401, code));
    }
    let row = "400 or 401 with `invalid_client`";
    for body in [
        r#"{"error":"invalid_client","error_description":"The refresh token is of another client, or invalid"}"#,
        r#"{"error":{"code":"INVALID_CLIENT"}}"#,
    ] {
        cases.push(Case::new(row, 401, body));
    }
    let row = "400 or 401 with `server_error`";
    cases.push(refusal(row, 400, "server_error"));
    cases.push(refusal(row, 401, "server_error"));
    let row = "401 with a sentence or a code for something else, such as a key of the application";
    for body in [
        r#"{"message":"Invalid API key"}"#,
        r#"{"message":"refresh_token is required"}"#,
        r#"{"error":{"message":"Incorrect","code":"invalid_api_key"}}"#,
        r#"{"error":"use_dpop_nonce"}"#,
        r#"{"message":"Client authentication failed"}"#,
    ] {
        cases.push(Case::new(row, 401, body));
    }
    let row = "400 with another error code, or none";
    cases.push(refusal(row, 400, "something_else"));
    for body in [
        "",
        "{}",
        r#"{"error":{"message":"Missing required parameter: refresh_token"}}"#,
        r#"{"message":"refresh_token is required"}"#,
        r#"{"message":"Invalid access token"}"#,
        "Bad Request",
        r#"{"errors":[{"field":"refresh_token","code":"invalid_type","message":"Expected string"}]}"#,
        r#"{"message":"An unknown error occurred while refreshing the token"}"#,
    ] {
        cases.push(Case::new(row, 400, body));
    }
    for (row, asked) in [
        (
            "401 with another error code, or none, where the refresh token stands alone: in JSON, \
             or by a public client",
            Asked::WithoutSecret,
        ),
        (
            "401 with another error code, or none, where the client has a secret, which may be \
             the cause",
            Asked::WithSecret,
        ),
    ] {
        cases.push(refusal(row, 401, "something_else").asked(asked));
        for body in ["", "{}", "Unauthorized", r#"{"message":"Unauthorized"}"#] {
            cases.push(Case::new(row, 401, body).asked(asked));
        }
    }
    let row = "403, 404, 405 or another 4xx with another error code, or none";
    for status in [403, 404, 405, 410, 413, 415] {
        cases.push(refusal(row, status, "something_else"));
        cases.push(Case::new(row, status, "Not Found"));
        cases.push(Case::new(
            row,
            status,
            r#"{"error":"NotFoundError","message":"Cannot POST /auth/refresh"}"#,
        ));
        cases.push(Case::new(
            row,
            status,
            r#"{"message":"Route POST:/auth/refresh-token not found"}"#,
        ));
    }
    let row = "4xx with a page of HTML: it comes from a proxy or a firewall, not from the token \
               server";
    for status in [400, 401, 403, 404, 405] {
        cases.push(Case::new(row, status, HTML));
        let page = "<HTML><body>invalid_grant: your session expired, log in again</body></HTML>";
        cases.push(Case::new(row, status, page));
        cases.push(Case::new(
            row,
            status,
            "Unauthorized <html><body>Proxy login</body></html>",
        ));
        let text = Case::new(row, status, "Your refresh token is invalid");
        cases.push(text.header("content-type", "text/html; charset=utf-8"));
    }
    let row = "whatever its status, with `temporarily_unavailable`; 4xx with its like";
    for status in [200, 400, 401, 403, 500, 503] {
        cases.push(refusal(row, status, "temporarily_unavailable"));
    }
    cases.push(Case::new(
        row,
        400,
        r#"{"error":{"type":"rate_limit_error"}}"#,
    ));
    let again = r#"{"error":"invalid_request","error_description":"Two at once. Please retry the request."}"#;
    cases.push(Case::new(row, 400, again));
}

fn by_status(cases: &mut Vec<Case>) {
    let row = "3xx: the endpoint has moved, and no redirect is followed";
    for status in [301, 302, 303, 307, 308] {
        cases.push(Case::new(row, status, "").header("location", "/auth/refresh"));
    }
    let unavailable = |row, status| refusal(row, status, "invalid_grant");
    let row = "408, 425, 429 or 503, whatever its body, with `Retry-After` in seconds";
    for status in [408, 425, 429, 503] {
        cases.push(unavailable(row, status).header("retry-after", "7"));
    }
    let row = "… with `Retry-After` as a date, counted from the answer's own `Date`";
    let dated = || unavailable(row, 503).header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    cases.push(dated().header("retry-after", "Sun, 06 Nov 1994 08:49:44 GMT"));
    cases.push(dated().header("retry-after", "Sunday, 06-Nov-94 08:49:44 GMT"));
    let row = "… with a `Retry-After` that is huge: the session bounds it";
    for huge in ["18446744073709551615", "99999999999999999999999"] {
        cases.push(unavailable(row, 503).header("retry-after", huge));
    }
    let row = "408, 425 or 429 with a `Retry-After` that is negative or unreadable, or none";
    for status in [408, 425, 429] {
        cases.push(unavailable(row, status));
    }
    const ODD: [&str; 4] = ["-7", "7.5", "soon", ""];
    for odd in ODD {
        cases.push(unavailable(row, 429).header("retry-after", odd));
    }
    let row = "503 with a `Retry-After` that is negative or unreadable, or none: a proxy sends it \
               if its upstream failed";
    cases.push(unavailable(row, 503));
    for odd in ODD {
        cases.push(unavailable(row, 503).header("retry-after", odd));
    }
    let row = "any other of these with `Retry-After`: the class of its row; the session waits as \
               `Retry-After` says";
    for (status, code) in [(400, "invalid_client"), (403, "something_else"), (404, "")] {
        cases.push(refusal(row, status, code).header("retry-after", "7"));
    }
    let row = "500, 502, 504 or another 5xx, whatever else its body says";
    for status in [500, 501, 502, 504, 505, 599] {
        cases.push(Case::new(row, status, HTML));
        cases.push(refusal(row, status, "invalid_grant"));
    }
    cases.push(Case::new(
        row,
        500,
        "panicked in slow_down, temporarily_unavailable",
    ));
    // A proxy's, in JSON.
    cases.push(Case::new(
        row,
        502,
        r#"{"message":"Service temporarily unavailable"}"#,
    ));
}
