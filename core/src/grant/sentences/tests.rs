use super::*;

#[test]
fn promise_11_a_sentence_tells_of_a_dead_refresh_token() {
    for dead in [
        "Invalid refresh token",
        "refresh_token is invalid",
        "Unknown or invalid refresh token.",
        "The refresh token has already been used",
        "refresh+token+passed+is+incorrect+or+expired",
        "Refresh token doesn't exist",
        "RefreshToken not recognised",
        "Errors.OIDCSession.RefreshTokenInvalid",
        "Errors.User.RefreshToken.Invalid",
        "Invalid \"refresh_token\" in request.",
        "Refresh token expired, login required",
        "Failed for [x]: Refresh token is not in database!",
        "Wrong refresh token",
        "No such refresh token",
        "Refresh token mismatch",
        "Refresh token already rotated",
        "The refresh token is no longer valid",
        "Refresh token does not belong to the user",
        "Refresh token signature verification failed",
        "refresh token is invalid, expired or revoked",
        "The token request is invalid.",
        "Value passed for the token was invalid.",
        "This request requires an active refresh_token",
    ] {
        assert_eq!(about(dead), About::DeadToken, "{dead}");
    }
}

#[test]
fn promise_11_a_sentence_tells_of_a_session_that_has_ended() {
    for ended in [
        "Token has been expired or revoked.",
        "token expired",
        "jwt expired",
        "Invalid token",
        "The token has been blacklisted",
        "Session not found",
        "Your session has ended. Please log in again.",
        "Could not validate your token. Please try signing in again.",
        "Please authenticate again",
        "The session has been invalidated because the user changed their password",
    ] {
        assert_eq!(about(ended), About::DeadSession, "{ended}");
    }
}

#[test]
fn promise_11_a_sentence_about_anything_else_ends_no_session() {
    for other in [
        "",
        "Missing required parameter: refresh_token",
        "refresh_token is required",
        "The client is not allowed to use the grant type refresh_token",
        "refresh_token grant type is invalid for this client",
        "Invalid client secret",
        "CSRF token invalid",
        "Invalid access token",
        "invalid token type hint",
        "The request is malformed",
        "Unknown endpoint",
        "Not Found",
        "Route POST:/oauth/token not found",
        "Route POST:/auth/refresh-token not found",
        "E_ROUTE_NOT_FOUND: Cannot POST:/oauth/token",
        "The requested URL /oauth2/token was not found on this server.",
        "/oauth/token does not exist",
        "This token endpoint is no longer available",
        "The tenant in the token URL was not found",
        "Invalid version: token endpoint v1 no longer supported, use /v2/token",
        "property refresh_token should not exist",
        "json: unknown field \"refresh_token\"",
        "Failed to deserialize the JSON body: unknown field `refresh_token`",
        "Invalid JSON payload received. Unknown name \"refresh_token\": Cannot find field.",
        "Received unknown parameter: refresh_token",
        "Invalid input: expected string, received undefined at \"refreshToken\"",
        "Malformed token request",
        "Invalid Content-Type for the token endpoint",
        "The audience in the token request is unknown",
        "Invalid client_id for refresh token request",
        "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
        "An unknown error occurred while refreshing the token",
        "502 Bad Gateway from POST https://idp.example.com/oauth2/token",
        "404 Not Found from POST https://idp.example.com/oauth2/token",
        "Invalid captcha token",
        "Firebase App Check token is invalid.",
        "Invalid authenticity token",
        "The security token included in the request is invalid.",
        "Token requests from unknown IP addresses are not allowed",
        "Your session has been rate limited.",
        "Your session has been refreshed",
        "Your VPN session has expired",
        "Your session has expired. Log in again to the proxy.",
        "Something went wrong. Please try again later. If it persists, log in again.",
        "Invalid API key",
        "refresh_token can only be used with the grant of this name",
        "A refresh token takes longer",
    ] {
        let said = about(other);
        let ends = [About::DeadToken, About::DeadSession].contains(&said);
        assert!(!ends, "{other}: {said:?}");
    }
}
