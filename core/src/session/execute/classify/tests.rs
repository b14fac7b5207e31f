use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn promise_14_an_answer_is_judged_by_its_words_whatever_came_before(
        answers in prop::collection::vec(
            (
                prop::sample::select(vec![200_u16, 401, 401, 401, 403, 404, 407, 419]),
                prop::collection::vec(
                    prop::sample::select(vec![
                        "Bearer",
                        "bearer",
                        "Bearer error=\"invalid_token\"",
                        "Bearer error=\"insufficient_scope\"",
                        "Basic realm=\"a\"",
                        "",
                        "\"",
                    ]),
                    0..3,
                ),
            ),
            1..8,
        ),
    ) {
        let classifier = Classifier::default();
        for (status, lines) in answers {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(line));
            }
            let told = classifier.classify(status, &headers);
            let told = told.map_or(Meaning::Other, |classified| classified.meaning);
            prop_assert_eq!(told, Meaning::of(status, &headers), "{} {:?}", status, lines);
        }
    }
}

#[test]
fn a_long_challenge_is_not_kept() {
    let cache = ChallengeCache::default();
    let mut headers = HeaderMap::new();
    let long = format!("Bearer realm=\"{}\"", "x".repeat(LONGEST));
    headers.insert(WWW_AUTHENTICATE, long.try_into().expect("a value"));
    let meaning = cache.meaning(StatusCode::UNAUTHORIZED, &headers);
    assert_eq!(meaning, Meaning::TokenRefused);
    assert_eq!(cache.0.get(), None);
}
