use super::*;

#[test]
fn promise_9_a_stored_access_token_is_adopted_if_it_is_another_one_and_has_not_expired() {
    use StoredAccessToken::{Absent, Other, Same};
    let second = Some(Duration::from_secs(1));
    for lifetime in [None, second, Some(Duration::ZERO)] {
        let expired = lifetime == Some(Duration::ZERO);
        for access_token in [Absent, Same, Other] {
            let adopted = StoredToken::new(access_token, lifetime).usage();
            let expected = match access_token {
                Other if !expired => StoredTokenUse::Adopt,
                Other | Same | Absent => StoredTokenUse::Trade,
            };
            assert_eq!(adopted, expected, "{access_token:?} {lifetime:?}");
        }
    }
}
