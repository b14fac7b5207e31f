use super::*;

const FENCE: Generation = Generation::FIRST.next();
const V1: Version = Version(1);

fn outbox(pending: Option<Write<char>>) -> Outbox<char> {
    Outbox::new(Some(V1), pending)
}

#[test]
fn promise_13_a_refresh_from_before_the_fence_is_not_owed() {
    let mut outbox = outbox(None);
    outbox.fence(FENCE, Write::SignedOut);
    assert!(!outbox.refreshed(Generation::FIRST, 'a'));
    assert_eq!(outbox.pending(), Some(&Write::SignedOut));
    assert!(outbox.refreshed(FENCE, 'b'));
}

#[test]
fn promise_13_a_sign_in_keeps_its_force_until_the_store_has_heard_of_it() {
    let mut outbox = outbox(Some(Write::SignedIn('a')));
    assert!(outbox.refreshed(FENCE, 'b'));
    assert_eq!(outbox.pending(), Some(&Write::SignedIn('b')));
    outbox.flushed(&Write::SignedIn('a'));
    assert_eq!(
        outbox.pending(),
        Some(&Write::SignedIn('b')),
        "a newer write is pending"
    );
    outbox.flushed(&Write::SignedIn('b'));
    assert!(outbox.refreshed(FENCE, 'c'));
    assert_eq!(outbox.pending(), Some(&Write::Refreshed('c')));
}

#[test]
fn promise_10_a_refresh_writes_over_ours_and_over_nobody_elses() {
    let mut outbox = outbox(None);
    outbox.saving('a');
    for (there, ours) in [(Some(&'a'), true), (Some(&'x'), false), (None, false)] {
        assert_eq!(outbox.may_replace(&Write::Refreshed('b'), there), ours);
        assert!(outbox.may_replace(&Write::SignedIn('b'), there));
        assert!(outbox.may_replace(&Write::SignedOut, there));
    }
    outbox.saved(Version(2));
    assert!(!outbox.may_replace(&Write::Refreshed('b'), Some(&'a')));
}

#[test]
fn promise_9_what_is_there_is_newer_or_ours_or_erased() {
    let mut outbox = outbox(None);
    assert_eq!(outbox.find(&'a', Some(('a', V1))), Found::NothingNew);
    let newer = Some(('b', Version(2)));
    assert_eq!(outbox.find(&'a', newer), Found::Newer('b'));
    assert_eq!(outbox.seen(), Some(Version(2)));
    // The answer is the same until the token is adopted.
    assert_eq!(outbox.find(&'a', newer), Found::Newer('b'));
    assert_eq!(outbox.find(&'a', None), Found::Erased);
    outbox.see(None);
    assert_eq!(
        outbox.find(&'a', None),
        Found::NothingNew,
        "the session erased it itself"
    );
    assert_eq!(Outbox::new(None, None).find(&'a', None), Found::NothingNew);
}

#[test]
fn the_memory_of_lost_saves_is_bounded() {
    let mut outbox = Outbox::new(None, None);
    for token in 0..1_000 {
        outbox.saving(token);
    }
    assert_eq!(outbox.unacknowledged.len(), MEMORY);
    assert!(outbox.may_replace(&Write::Refreshed(0), Some(&999)));
}
