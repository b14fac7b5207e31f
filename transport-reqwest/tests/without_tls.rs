//! Promise 28: without TLS, building a session for https fails and names the feature to add.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth_test_support::without_tls;
use support::transport;

#[tokio::test]
async fn promise_28_https_without_tls_says_which_feature_to_add() {
    if !without_tls::is_said(transport, "`rustls`").await {
        println!("reqwest has TLS in this build: NOT CHECKED");
    }
}
