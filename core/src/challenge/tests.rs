//! Challenges of real servers, one response a row.

use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use proptest::prelude::*;

use super::lines::{MAX_LINE, MAX_LINES, MAX_VALUE};
use super::*;
use crate::seed::seeded;

/// A status, the lines of `WWW-Authenticate`, and what they mean.
type Row = (u16, &'static [&'static str], &'static str);

fn headers<L: AsRef<[u8]>>(lines: &[L]) -> HeaderMap {
    let value = |line: &L| HeaderValue::from_bytes(line.as_ref()).expect("a header");
    let named = |line| (WWW_AUTHENTICATE, value(line));
    lines.iter().map(named).collect()
}

fn meaning<L: AsRef<[u8]>>(status: u16, lines: &[L]) -> String {
    let status = StatusCode::from_u16(status).expect("a status");
    match Meaning::of(status, &headers(lines)) {
        Meaning::Other => "other".into(),
        Meaning::TokenRefused => "refused".into(),
        Meaning::InsufficientScope(wanted) => {
            let scopes: Vec<_> = wanted.scopes().collect();
            wanted.scope().map_or_else(
                || "scope unsaid".into(),
                |_| format!("scope {}", scopes.join("+")),
            )
        }
        Meaning::StepUp(wanted) => {
            let scopes: Vec<_> = wanted.scopes().collect();
            let max_age = wanted.max_age().map(|age| age.as_secs().to_string());
            [
                Some("step up".into()),
                wanted.acr_values().map(|acr| format!(" acr {acr}")),
                max_age.map(|seconds| format!(" age {seconds}")),
                wanted
                    .scope()
                    .map(|_| format!(" scope {}", scopes.join("+"))),
                wanted.claims().map(|claims| format!(" claims {claims}")),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        Meaning::DpopNonce => "nonce".into(),
        Meaning::ForeignScheme => "foreign".into(),
    }
}

fn compare(rows: &[Row]) {
    for (status, lines, expected) in rows {
        assert_eq!(&meaning(*status, lines), expected, "{status} {lines:?}");
    }
}

#[test]
fn a_401_refuses_the_token_unless_it_says_otherwise() {
    compare(&[
        (401, &[r#"Bearer error="invalid_token""#], "refused"),
        (401, &["Bearer error=invalid_token"], "refused"),
        (401, &[r#"Bearer error="invalid\_token""#], "refused"),
        (401, &[], "refused"),
        (401, &[""], "refused"),
        (401, &["  "], "refused"),
        (401, &[","], "refused"),
        (401, &["Bearer"], "refused"),
        (401, &["Bearer "], "refused"),
        (401, &[r#"Bearer realm="example""#], "refused"),
        (401, &[r#"Bearer error="invalid_request""#], "refused"),
        (401, &[r#"Bearer error="token_expired""#], "refused"),
        (401, &[r#"Bearer error="""#], "refused"),
        (
            401,
            &[r#"DPoP error="invalid_token", algs="ES256""#],
            "refused",
        ),
        (401, &[r#"DPoP algs="ES256 PS256""#], "refused"),
        (401, &[r#"DPoP error="invalid_dpop_proof""#], "refused"),
        // Only DPoP has a nonce.
        (401, &[r#"Bearer error="use_dpop_nonce""#], "refused"),
    ]);
}

#[test]
fn other_statuses_are_the_applications() {
    compare(&[
        (200, &[r#"Bearer error="invalid_token""#], "other"),
        (400, &[r#"Bearer error="invalid_request""#], "other"),
        (400, &[r#"DPoP error="use_dpop_nonce""#], "other"),
        (403, &[], "other"),
        (403, &["Bearer"], "other"),
        (403, &[r#"Bearer error="invalid_token""#], "other"),
        (
            403,
            &[r#"Bearer error="insufficient_user_authentication""#],
            "other",
        ),
        (403, &[r#"Basic realm="x""#], "other"),
        (403, &["Bearer realm=https://a/b"], "other"),
        (404, &[r#"Bearer error="insufficient_scope""#], "other"),
        (407, &[r#"Bearer error="invalid_token""#], "other"),
        (500, &[r#"Bearer error="insufficient_scope""#], "other"),
    ]);
}

#[test]
fn a_scope_that_is_too_narrow_says_which_is_wanted() {
    compare(&[
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="b:write a:read""#],
            "scope b:write+a:read",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_scope", scope="a""#],
            "scope a",
        ),
        (
            403,
            &["Bearer error=insufficient_scope, scope=a"],
            "scope a",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope""#],
            "scope unsaid",
        ),
        (
            403,
            &[r#"DPoP error="insufficient_scope", scope="a""#],
            "scope a",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="  a  b ""#],
            "scope a+b",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="""#],
            "scope unsaid",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="  ""#],
            "scope unsaid",
        ),
        // Characters that no scope has (RFC 6749 section 3.3).
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="a \"b\"""#],
            "scope unsaid",
        ),
        (
            403,
            &["Bearer error=\"insufficient_scope\", scope=\"a\tb\""],
            "scope unsaid",
        ),
        (
            403,
            &[
                r#"Basic realm="x""#,
                r#"Bearer error="insufficient_scope", scope="a""#,
            ],
            "scope a",
        ),
        (
            403,
            &[
                r#"Bearer error="invalid_token""#,
                r#"Bearer error="insufficient_scope", scope="a""#,
            ],
            "scope a",
        ),
    ]);
}

#[test]
fn a_step_up_says_how_the_user_must_authenticate() {
    compare(&[
        (
            401,
            &[
                r#"Bearer error="insufficient_user_authentication", error_description="more", acr_values="gold silver", max_age="300", scope="pay""#,
            ],
            "step up acr gold silver age 300 scope pay",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age=0"#],
            "step up age 0",
        ),
        (
            401,
            &[r#"DPoP error="insufficient_user_authentication", acr_values="""#],
            "step up",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age="+5""#],
            "step up",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age="-1""#],
            "step up",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age="1.5""#],
            "step up",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age="""#],
            "step up",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_user_authentication", max_age="18446744073709551616""#],
            "step up",
        ),
    ]);
}

#[test]
fn a_nonce_is_wanted_by_dpop() {
    compare(&[
        (
            401,
            &[
                r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
            ],
            "nonce",
        ),
        (401, &["Bearer", r#"DPoP error="use_dpop_nonce""#], "nonce"),
        (
            401,
            &[r#"Bearer, DPoP error="use_dpop_nonce", algs="ES256""#],
            "nonce",
        ),
    ]);
}

#[test]
fn other_schemes_alone_want_no_token() {
    compare(&[
        (401, &[r#"Basic realm="x""#], "foreign"),
        (401, &["Negotiate"], "foreign"),
        (401, &["Negotiate", "NTLM"], "foreign"),
        (
            401,
            &[
                r#"Digest realm="x", qop="auth, auth-int", nonce="n""#,
                r#"Basic realm="x""#,
            ],
            "foreign",
        ),
        (
            401,
            &[r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#],
            "foreign",
        ),
        // An error code of another scheme is ignored.
        (401, &[r#"Custom error="invalid_token""#], "foreign"),
        (
            401,
            &[r#"Custom realm="Bearer error=invalid_token""#],
            "foreign",
        ),
        (401, &["Negotiate", "Bearer"], "refused"),
        (401, &["Negotiate, Bearer"], "refused"),
        (401, &[r#"Basic realm="x""#, ""], "refused"),
        (
            401,
            &[
                r#"Basic realm="x""#,
                r#"Bearer error="insufficient_scope", scope="a""#,
            ],
            "scope a",
        ),
    ]);
}

#[test]
fn of_challenges_that_disagree_the_strongest_counts() {
    compare(&[
        (
            401,
            &[
                r#"Bearer error="insufficient_scope""#,
                r#"Bearer error="invalid_token""#,
            ],
            "refused",
        ),
        (
            401,
            &[
                r#"DPoP error="use_dpop_nonce""#,
                r#"Bearer error="invalid_token""#,
            ],
            "refused",
        ),
        (
            401,
            &[r#"DPoP error="use_dpop_nonce", Bearer error="insufficient_user_authentication""#],
            "nonce",
        ),
        (
            401,
            &[
                r#"Bearer error="insufficient_scope", Bearer error="insufficient_user_authentication""#,
            ],
            "step up",
        ),
        (
            401,
            &["Bearer", r#"Bearer error="insufficient_scope", scope="a""#],
            "scope a",
        ),
        (
            401,
            &[
                r#"Bearer error="insufficient_scope", scope="a""#,
                r#"Bearer error="insufficient_scope", scope="b""#,
            ],
            "scope a",
        ),
    ]);
}

#[test]
fn case_matters_in_error_codes_alone() {
    compare(&[
        (
            403,
            &[r#"BEARER ERROR="insufficient_scope", Scope="A""#],
            "scope A",
        ),
        (401, &[r#"dpop eRRor="use_dpop_nonce""#], "nonce"),
        (403, &[r#"Bearer error="Insufficient_Scope""#], "other"),
        (401, &[r#"Bearer error="INSUFFICIENT_SCOPE""#], "refused"),
        (401, &[r#"bAsIc realm="x""#], "foreign"),
    ]);
}

#[test]
fn a_parameter_that_occurs_twice_says_nothing() {
    compare(&[
        (
            401,
            &[r#"Bearer error="insufficient_scope", error="insufficient_scope""#],
            "refused",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", Error="invalid_token""#],
            "other",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="a", scope="b""#],
            "scope unsaid",
        ),
        (
            403,
            &[r#"Bearer realm="a", realm="b", error="insufficient_scope", scope="c""#],
            "scope c",
        ),
    ]);
}

#[test]
fn what_cannot_be_read_is_a_refusal_and_hides_nothing_before_it() {
    compare(&[
        // token68, which the parser does not support.
        (
            401,
            &["Negotiate oRQwEqADCgEBoQsGCSqGSIb3EgECAg=="],
            "refused",
        ),
        (401, &["NTLM TlRMTVNTUAACAAAA"], "refused"),
        (
            401,
            &[r#"Negotiate YII=, Bearer error="insufficient_scope""#],
            "refused",
        ),
        (
            401,
            &[
                "Negotiate YII=",
                r#"Bearer error="insufficient_scope", scope="a""#,
            ],
            "scope a",
        ),
        // URLs without quotes.
        (
            401,
            &["Bearer realm=https://example.com/, error=invalid_token"],
            "refused",
        ),
        (
            401,
            &[r#"Basic realm="x", Bearer realm=https://example.com/"#],
            "refused",
        ),
        (
            401,
            &[r#"Bearer error="insufficient_scope", scope="a", Custom uri=https://example.com/"#],
            "scope a",
        ),
        // Lists.
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="a","#],
            "scope a",
        ),
        (
            403,
            &[r#"Bearer error="insufficient_scope", scope="a" , ,"#],
            "scope a",
        ),
        (
            403,
            &[r#", ,Bearer error="insufficient_scope",, scope="a""#],
            "scope a",
        ),
        (
            403,
            &[r#"  Bearer error="insufficient_scope", scope="a"  "#],
            "scope a",
        ),
        (
            403,
            &["Bearer error = \"insufficient_scope\"\t,\tscope=\t\"a\"\t"],
            "scope a",
        ),
        (403, &["Bearer\terror=\"insufficient_scope\""], "other"),
        (401, &["Bearer\terror=\"insufficient_scope\""], "refused"),
        (
            401,
            &[r#"Bearer error="insufficient_scope" scope="a""#],
            "refused",
        ),
        (401, &[r#"Bearer error="insufficient_scope"#], "refused"),
        (401, &[r#"Bearer error="insufficient_scope\"#], "refused"),
        (401, &[r#"error="insufficient_scope""#], "refused"),
        (401, &["Basic realm"], "refused"),
        (401, &["{\"error\":\"insufficient_scope\"}"], "refused"),
    ]);
}

#[test]
fn what_is_not_ascii_may_stand_in_quotes_and_is_never_handed_on() {
    compare(&[
        (
            403,
            &[
                "Bearer error=\"insufficient_scope\", error_description=\"accès refusé\", scope=\"a\"",
            ],
            "scope a",
        ),
        (
            403,
            &["Bearer error=\"insufficient_scope\", scope=\"café\""],
            "scope unsaid",
        ),
        (
            401,
            &["Bearer error=\"insufficient_user_authentication\", acr_values=\"é\", max_age=5"],
            "step up age 5",
        ),
        (
            403,
            &["Bearer error=\"insufficient_scope\", realm=é"],
            "other",
        ),
        (
            401,
            &["Bearer error=\"insufficient_scope\", realm=é"],
            "refused",
        ),
        (401, &["Bäsic realm=\"x\""], "refused"),
        (
            403,
            &["Bearer error=\"insufficient_scope\", scope=\"what?\""],
            "scope what?",
        ),
    ]);
    let latin_1: &[u8] = b"Bearer error=\"insufficient_scope\", realm=\"\xe9\xff\", scope=\"a\"";
    assert_eq!(meaning(403, &[latin_1]), "scope a");
    let bytes: &[u8] = b"\xff\xfe\x80";
    assert_eq!(meaning(401, &[bytes]), "refused");
}

#[test]
fn what_servers_at_large_say() {
    compare(&[
        // Git over HTTP, which takes tokens as passwords.
        (401, &[r#"Basic realm="GitHub""#], "foreign"),
        // Google.
        (
            401,
            &[r#"Bearer realm="https://accounts.google.com/", error="invalid_token""#],
            "refused",
        ),
        (
            403,
            &[
                r#"Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="https://www.googleapis.com/auth/drive https://www.googleapis.com/auth/drive.file""#,
            ],
            "scope https://www.googleapis.com/auth/drive+https://www.googleapis.com/auth/drive.file",
        ),
        // Microsoft Graph, and a claims challenge of Entra.
        (
            401,
            &[
                r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000""#,
            ],
            "refused",
        ),
        (
            401,
            &[
                r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#,
            ],
            "step up claims eyJhY2Nlc3NfdG9rZW4iOnt9fQ==",
        ),
        // SharePoint names its sign-in URL, and offers NTLM.
        (
            401,
            &[
                "NTLM",
                r#"Bearer realm="t",client_id="c",trusted_issuers="i@*",authorization_uri="u""#,
            ],
            "refused",
        ),
        // Keycloak.
        (
            401,
            &[
                r#"Bearer realm="demo", error="invalid_token", error_description="Token is not active""#,
            ],
            "refused",
        ),
        // Auth0's middleware.
        (
            403,
            &[
                r#"Bearer realm="api", error="insufficient_scope", error_description="Insufficient Scope", scope="read:books""#,
            ],
            "scope read:books",
        ),
        // Spring Security.
        (
            401,
            &[
                r#"Bearer error="invalid_token", error_description="An error occurred while attempting to decode the Jwt: Jwt expired at 2024-01-01T00:00:00Z", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1""#,
            ],
            "refused",
        ),
        (
            403,
            &[
                r#"Bearer error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token.", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1""#,
            ],
            "scope unsaid",
        ),
        // A registry of container images; another server grants its scope.
        (
            401,
            &[
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull""#,
            ],
            "refused",
        ),
        (
            401,
            &[
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push",error="insufficient_scope""#,
            ],
            "scope repository:a/b:pull,push",
        ),
        // ASP.NET Core.
        (
            401,
            &[
                r#"Bearer error="invalid_token", error_description="The token expired at '01/01/2024 00:00:00'""#,
            ],
            "refused",
        ),
        // A resource with the URL of its metadata (RFC 9728 section 5.1).
        (
            401,
            &[
                r#"Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource""#,
            ],
            "refused",
        ),
        // Bearer and DPoP at one resource (RFC 9449 section 7.2).
        (
            401,
            &[
                r#"Bearer error="invalid_token", error_description="Invalid token", DPoP algs="ES256 PS256""#,
            ],
            "refused",
        ),
    ]);
}

#[test]
fn a_long_line_cannot_be_read() {
    let padded = |length: usize| {
        let line = r#"Bearer error="insufficient_scope", scope="a", realm="""#;
        line.replace(
            "realm=\"",
            &format!("realm=\"{}", "x".repeat(length - line.len())),
        )
    };
    assert_eq!(meaning(401, &[padded(MAX_LINE)]), "scope a");
    assert_eq!(meaning(401, &[padded(MAX_LINE + 1)]), "refused");
    assert_eq!(meaning(401, &[padded(100_000)]), "refused");
    assert_eq!(meaning(403, &[padded(100_000)]), "other");
    assert_eq!(
        meaning(401, &[padded(100_000).as_str(), "Negotiate"]),
        "refused"
    );
}

#[test]
fn a_long_value_is_dropped_whole() {
    let scope = |length: usize| {
        let scope = "a ".repeat(length / 2);
        format!("Bearer error=insufficient_scope, scope=\"{scope}\"")
    };
    let longest = meaning(403, &[scope(MAX_VALUE)]);
    assert_eq!(longest.matches('a').count(), MAX_VALUE / 2);
    assert_eq!(meaning(403, &[scope(MAX_VALUE + 2)]), "scope unsaid");
}

#[test]
fn lines_beyond_the_bound_cannot_be_read() {
    let mut lines = vec!["Negotiate"; MAX_LINES];
    assert_eq!(meaning(401, &lines), "foreign");
    lines.push("Negotiate");
    assert_eq!(meaning(401, &lines), "refused");
    lines[0] = "Bearer error=insufficient_scope";
    assert_eq!(meaning(401, &lines), "scope unsaid");
    lines[MAX_LINES] = "Bearer error=invalid_token";
    assert_eq!(meaning(401, &lines), "scope unsaid");
    lines[MAX_LINES - 1] = "Bearer error=invalid_token";
    assert_eq!(meaning(401, &lines), "refused");
}

#[test]
fn a_meaning_can_stand_in_the_extensions_of_a_response() {
    fn can<T: Clone + std::fmt::Debug + Send + Sync + 'static>() {}
    can::<Meaning>();
    can::<InsufficientScope>();
    can::<StepUp>();
}

/// Any bytes of a line, and pieces of challenges in any order.
fn line() -> impl Strategy<Value = HeaderValue> {
    let pieces = prop::sample::select(&PIECES[..]);
    let pieces = prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat());
    let any = prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![3 => pieces.prop_map(Vec::from), 1 => any]
        .prop_filter_map("a header", |line| HeaderValue::from_bytes(&line).ok())
}

const PIECES: [&str; 24] = [
    "Bearer ",
    "DPoP ",
    "Basic ",
    "Negotiate",
    "error=\"invalid_token\"",
    "error=insufficient_scope",
    "error=\"insufficient_user_authentication\"",
    "error=\"use_dpop_nonce\"",
    "scope=\"a b\"",
    "scope=é",
    "max_age=",
    "acr_values=\"x\"",
    "realm=\"é\"",
    ", ",
    ", ",
    ", ",
    ",",
    " ",
    "\t",
    "=",
    "\"",
    "\\",
    "YII=",
    "9",
];

fn status() -> impl Strategy<Value = StatusCode> {
    let any = (100_u16..1000).prop_map(|status| StatusCode::from_u16(status).expect("a status"));
    prop_oneof![
        6 => Just(StatusCode::UNAUTHORIZED),
        2 => Just(StatusCode::FORBIDDEN),
        1 => any,
    ]
}

proptest! {
    #![proptest_config(seeded(2048))]

    #[test]
    fn no_answer_is_misunderstood(status in status(), lines in prop::collection::vec(line(), 0..20)) {
        laws::check(status, &lines);
    }
}
