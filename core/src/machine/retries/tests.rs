use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn retries() -> Retries {
    Retries::new(Rules::default(), 24 * SECOND)
}

const TRANSIENT: Again = Again::AfterAPause;

#[test]
fn promise_11_a_refresh_that_was_not_processed_is_tried_again_twice() {
    let mut retries = retries();
    let mut again = |left: u32| retries.again(TRANSIENT, None, SECOND, left * SECOND);
    assert_eq!(again(60), Some(SECOND));
    assert_eq!(again(59), Some(2 * SECOND));
    assert_eq!(again(57), None);
    let rules = Rules {
        retries: 9,
        ..Rules::default()
    };
    assert_eq!(
        Retries::new(rules, 24 * SECOND),
        Retries::new(Rules::default(), 24 * SECOND)
    );
}

#[test]
fn promise_11_the_server_says_when_and_the_deadline_says_until_when() {
    let mut retries = retries();
    let asked = Some(7 * SECOND);
    assert_eq!(retries.again(TRANSIENT, asked, SECOND, 11 * SECOND), None);
    assert_eq!(retries.again(TRANSIENT, asked, SECOND, 12 * SECOND), asked);
    let for_ever = Some(Duration::MAX);
    assert_eq!(
        retries.again(TRANSIENT, for_ever, SECOND, 60 * SECOND),
        None
    );
}

#[test]
fn promise_9_no_try_begins_that_the_deadline_may_cut() {
    // Each try takes ten seconds, as without a connection.
    let took = 10 * SECOND;
    let mut retries = retries();
    assert_eq!(
        retries.again(TRANSIENT, None, took, 14 * SECOND),
        Some(SECOND)
    );
    assert_eq!(retries.again(TRANSIENT, None, took, 3 * SECOND), None);
}

#[test]
fn promise_9_no_try_begins_late_that_the_deadline_may_cut() {
    let mut retries = retries();
    assert!(retries.may_begin(5 * SECOND) && !retries.may_begin(4 * SECOND));
    let took = 10 * SECOND;
    assert!(retries.again(TRANSIENT, None, took, 14 * SECOND).is_some());
    assert!(retries.may_begin(took) && !retries.may_begin(9 * SECOND));
    let short = Retries::new(Rules::default(), SECOND);
    assert!(short.may_begin(SECOND / 2) && !short.may_begin(SECOND / 3));
}

#[test]
fn promise_9_what_may_not_be_sent_again_is_not_tried_again() {
    assert_eq!(retries().again(Again::No, None, SECOND, 60 * SECOND), None);
}
