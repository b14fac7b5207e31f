use super::*;

#[test]
fn promise_11_a_code_is_known_however_it_is_spelled() {
    for code in [
        "invalid_grant",
        "INVALID_GRANT",
        "Invalid Grant",
        "invalid-grant",
        "InvalidGrant",
    ] {
        assert_eq!(
            said(code).map(|said| said.word),
            Some("invalid_grant"),
            "{code}"
        );
    }
    let kind = |code| said(code).map(|said| said.kind);
    for dead in [
        "refresh_token_reused",
        "refresh_token_invalidated",
        "REFRESH_TOKEN_EXPIRED",
        "bad_refresh_token",
        "invalid_refresh_token",
        "InvalidRefreshToken",
        "refreshTokenNotFound",
        "refresh_token_already_used",
        "expired_refresh_token",
        "refresh_token_mismatch",
    ] {
        assert_eq!(kind(dead), Some(Refused), "{dead}");
    }
    for unknown in [
        "",
        "error",
        "refresh_token",
        "missing_refresh_token",
        "api_error",
        "400",
    ] {
        assert_eq!(kind(unknown), None, "{unknown}");
    }
}
