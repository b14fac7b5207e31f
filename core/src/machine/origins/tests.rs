use super::*;

#[test]
fn each_of_the_first_origins_has_a_place_and_the_others_share_one() {
    let mut all = OriginSet::default();
    assert!(all.is_empty());
    for index in 0..63 {
        assert!(!all.intersects(OriginSet::at(index)), "{index}");
        all = all.with(OriginSet::at(index));
        assert!(all.contains(OriginSet::at(index)), "{index}");
    }
    assert_eq!(all.with(OriginSet::ELSEWHERE), OriginSet::ALL);
    assert!(!all.intersects(OriginSet::ELSEWHERE));
    assert_eq!(OriginSet::at(62), OriginSet::at(1_000));
}

#[test]
fn an_origin_is_in_use_for_a_period_or_two_after_its_last_request() {
    let rules = Rules::default();
    let period = rules.longest_rest;
    let (here, there) = (OriginSet::at(0), OriginSet::at(1));
    let mut used = InUse::default();
    used.send_to(here, Duration::ZERO, rules);
    for (now, both) in [(0, true), (1, true), (2, false), (9, false)] {
        let now = period * now;
        used.send_to(there, now, rules);
        assert_eq!(used.at(now, rules) == here.with(there), both, "{now:?}");
    }
    assert_eq!(used.at(period * 20, rules), OriginSet::default());
}
