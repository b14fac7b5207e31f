use super::*;
use crate::machine::holder::Id;

#[test]
fn promise_25_a_newer_token_is_adopted_if_its_access_token_is_another_one_and_has_not_expired() {
    use StoredAccessToken::{Absent, Other, Same};
    let second = Some(Duration::from_secs(1));
    let claimed = Standing::Claimed {
        id: Id(7),
        holder: "another".into(),
        seen_for: Duration::ZERO,
        lost_in: Duration::from_secs(9),
    };
    for (standing, otherwise) in [
        (Standing::Free, StoredTokenUse::Claim),
        (Standing::Unsent, StoredTokenUse::Claim),
        (Standing::Lost, StoredTokenUse::Claim),
        (Standing::Ours(Id(8)), StoredTokenUse::Send(Id(8))),
        (claimed, StoredTokenUse::Wait(Duration::from_secs(9))),
        (Standing::Dead, StoredTokenUse::Refused),
    ] {
        for lifetime in [None, second, Some(Duration::ZERO)] {
            for access_token in [Absent, Same, Other] {
                for age in [Age::Same, Age::Newer] {
                    let usable = access_token == Other && lifetime != Some(Duration::ZERO);
                    let expected = match age == Age::Newer && usable {
                        true => StoredTokenUse::Adopt,
                        false => otherwise.clone(),
                    };
                    let stored = StoredToken::new(access_token, lifetime);
                    assert_eq!(
                        stored.usage(age, &standing),
                        expected,
                        "{access_token:?} {lifetime:?} {age:?} {standing:?}"
                    );
                }
            }
        }
    }
}
