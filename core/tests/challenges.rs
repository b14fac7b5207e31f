//! What a session does with what a response says about its token.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::Duration;

use reauth::{InsufficientScope, Reason, SessionBuilder, StepUp};
use support::*;

/// A server that answers this to a token that it does not accept.
fn scene(
    status: u16,
    challenges: &[&str],
    options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), options);
    scene.wire.accept("a2");
    scene.wire.refuse(status, challenges);
    scene.desk.will_grant("a2", "r2");
    scene
}

#[test]
fn promise_14_only_an_answer_that_refuses_the_token_costs_a_refresh() {
    let bearer = r#"Bearer realm="books", error="invalid_token""#;
    let scope = r#"Bearer error="insufficient_scope", scope="books:write""#;
    let step_up = r#"Bearer error="insufficient_user_authentication", max_age="5""#;
    let nonce = r#"DPoP error="use_dpop_nonce""#;
    let basic = r#"Basic realm="books""#;
    let refused = Ok::<(), Option<Reason>>(());
    for (status, challenges, expected) in [
        (401, &[][..], refused),
        (401, &[bearer], refused),
        (401, &["nonsense,,,=\""], refused),
        (401, &[basic, bearer], refused),
        (401, &[scope, bearer], refused),
        (401, &[basic], Err(Some(Reason::ForeignScheme))),
        (401, &[scope], Err(Some(Reason::InsufficientScope))),
        (403, &[scope], Err(Some(Reason::InsufficientScope))),
        (401, &[step_up], Err(Some(Reason::StepUp))),
        (401, &[nonce], Err(Some(Reason::DpopNonce))),
        (403, &[bearer], Err(None)),
        (407, &[bearer], Err(None)),
        (419, &[bearer], Err(None)),
        (500, &[], Err(None)),
    ] {
        let scene = scene(status, challenges, |builder| builder);
        let answer = now(scene.call()).unwrap();
        let case = format!("{status} {challenges:?}");
        match expected {
            Ok(()) => assert_eq!(answer.status(), 200, "{case}"),
            Err(reason) => {
                assert_eq!(answer.status(), status, "{case}");
                assert_eq!(answer.extensions().get(), reason.as_ref(), "{case}");
                assert_eq!(answer.body(), "body", "unchanged");
            }
        }
        assert_eq!(
            scene.desk.asked().len(),
            usize::from(expected.is_ok()),
            "{case}"
        );
    }
}

#[test]
fn what_the_server_asks_for_stands_beside_the_reason() {
    let wanted = r#"Bearer error="insufficient_scope", scope="books:write books:read""#;
    let answer = now(scene(403, &[wanted], |builder| builder).call()).unwrap();
    let wanted: &InsufficientScope = answer.extensions().get().unwrap();
    assert!(wanted.scopes().eq(["books:write", "books:read"]));

    let wanted = concat!(
        r#"Bearer error="insufficient_user_authentication", "#,
        r#"acr_values="phr", max_age="60""#
    );
    let answer = now(scene(401, &[wanted], |builder| builder).call()).unwrap();
    let wanted: &StepUp = answer.extensions().get().unwrap();
    assert_eq!(wanted.acr_values(), Some("phr"));
    assert_eq!(wanted.max_age(), Some(Duration::from_secs(60)));
}

#[test]
fn an_application_may_widen_and_narrow_what_refuses_its_token() {
    let basic = &[r#"Basic realm="git""#][..];
    for (status, challenges) in [(419, &[][..]), (498, &[]), (401, basic), (401, &[])] {
        let wider = |builder: SessionBuilder<Wire>| {
            builder.refused_when(|answer| matches!(answer.status().as_u16(), 401 | 419 | 498))
        };
        let scene = scene(status, challenges, wider);
        assert_eq!(scene.status(), 200, "{status}");
        assert_eq!(scene.desk.asked().len(), 1);
    }
    let narrower = |builder: SessionBuilder<Wire>| {
        builder.refused_when(|answer| {
            answer.is_refused() && answer.headers().contains_key("x-expired")
        })
    };
    let scene = scene(401, &[], narrower);
    assert_eq!(scene.status(), 401);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_1_a_second_refusal_in_another_way_keeps_its_own_reason() {
    let scene = scene(401, &[], |builder| builder);
    scene.wire.accept("a9");
    // The newer token reaches the server; it did not before.
    let scope = r#"Bearer error="insufficient_scope", scope="books:write""#;
    scene.wire.refuse(403, &[scope]);
    let answer = now(scene.call()).unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.extensions().get(), Some(&Reason::InsufficientScope));
    assert_eq!(scene.desk.asked().len(), 1);
}
