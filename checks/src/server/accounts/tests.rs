use super::{Accounts, Reach, Rotation, Traded};

fn trade(accounts: &Accounts, refresh_token: &str) -> Traded {
    accounts.trade(0, Some(refresh_token))
}

#[test]
fn a_rotating_server_revokes_the_family_of_a_spent_refresh_token() {
    let accounts = Accounts::new(1, Rotation::Rotating);
    assert!(
        matches!(trade(&accounts, "refresh-0-0"), Traded::Tokens(answer)
        if answer.contains("access-0-1") && answer.contains("refresh-0-1"))
    );
    assert!(accounts.request(0, Some("access-0-1"), Reach::New));

    assert_eq!(trade(&accounts, "refresh-0-0"), Traded::Invalid);
    assert!(!accounts.request(0, Some("access-0-1"), Reach::New));
    assert_eq!(trade(&accounts, "refresh-0-1"), Traded::Invalid);
    assert_eq!(accounts.seen(0).reuses, 1);
}

#[test]
fn a_reusable_refresh_token_stays_valid() {
    let accounts = Accounts::new(1, Rotation::Reusable);
    for newest in ["access-0-1", "access-0-2"] {
        assert!(
            matches!(trade(&accounts, "refresh-0-0"), Traded::Tokens(answer)
            if answer.contains(newest) && !answer.contains("refresh"))
        );
        assert!(accounts.request(0, Some(newest), Reach::New));
    }
    assert!(!accounts.request(0, Some("access-0-1"), Reach::New));
    assert_eq!(accounts.seen(0).reuses, 0);
}

#[test]
fn a_foreign_refresh_token_is_refused_and_revokes_nothing() {
    let accounts = Accounts::new(2, Rotation::Rotating);
    assert_eq!(trade(&accounts, "refresh-1-0"), Traded::Invalid);
    assert_eq!(accounts.trade(0, None), Traded::Invalid);
    assert!(matches!(trade(&accounts, "refresh-0-0"), Traded::Tokens(_)));
}

#[test]
fn an_armed_account_meets_its_fault_once() {
    let accounts = Accounts::new(1, Rotation::Rotating);
    assert!(!accounts.meet_fault(0));
    accounts.arm(0);
    assert!(accounts.meet_fault(0));
    assert!(!accounts.meet_fault(0));
    assert_eq!(accounts.seen(0).faults, 1);
}
