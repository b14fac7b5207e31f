use super::*;

const FENCE: Generation = Generation::FIRST.next();
const V1: Version = Version(1);
const V2: Version = Version(2);

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
    let refreshed = Write::Refreshed('b');
    let there = [
        (Some((Some('a'), V2)), Conflict::Again),
        (Some((Some('x'), V2)), Conflict::Theirs),
        (Some((None, V2)), Conflict::Theirs),
        (None, Conflict::Theirs),
    ];
    for (there, answer) in there {
        let mut outbox = outbox(None);
        assert_eq!(outbox.saving(&Write::Refreshed('a')), Some(V1));
        assert_eq!(outbox.conflict(&refreshed, there), answer);
        let expected = match answer {
            Conflict::Again => V2,
            Conflict::Theirs | Conflict::Landed => V1,
        };
        assert_eq!(outbox.saving(&refreshed), Some(expected));
    }
    let mut outbox = outbox(None);
    _ = outbox.saving(&Write::Refreshed('a'));
    outbox.saved(V2);
    let ours_no_more = outbox.conflict(&refreshed, Some((Some('a'), Version(3))));
    assert_eq!(ours_no_more, Conflict::Theirs, "somebody wrote it again");
}

#[test]
fn promise_13_a_sign_in_or_sign_out_writes_over_anything() {
    for write in [Write::SignedIn('b'), Write::SignedOut] {
        for (there, version) in [(Some((Some('x'), V2)), Some(V2)), (None, None)] {
            let mut outbox = outbox(Some(write));
            assert_eq!(outbox.saving(&write), Some(V1));
            assert_eq!(outbox.conflict(&write, there), Conflict::Again);
            assert_eq!(outbox.saving(&write), version);
        }
    }
}

#[test]
fn promise_10_what_has_landed_is_not_written_again() {
    for write in [
        Write::Refreshed('b'),
        Write::SignedIn('b'),
        Write::SignedOut,
    ] {
        let mut outbox = outbox(Some(write));
        assert_eq!(outbox.saving(&write), Some(V1));
        let landed = outbox.conflict(&write, Some((write.token().copied(), V2)));
        assert_eq!(landed, Conflict::Landed);
        assert_eq!(outbox.saving(&Write::Refreshed('c')), Some(V2));
    }
}

#[test]
fn promise_9_what_is_there_is_newer_or_ours_or_erased() {
    let mut outbox = outbox(None);
    let there = |token, version| Some((Some(token), version));
    assert_eq!(outbox.find(&'a', there('a', V1)), Found::NothingNew);
    assert_eq!(outbox.find(&'a', there('b', V2)), Found::Newer('b'));
    assert_eq!(outbox.saving(&Write::Refreshed('c')), Some(V2));
    // The answer is the same until the token is adopted.
    assert_eq!(outbox.find(&'a', there('b', V2)), Found::Newer('b'));
    assert_eq!(outbox.find(&'a', Some((None, Version(3)))), Found::Erased);
    assert_eq!(outbox.find(&'a', None), Found::Erased, "it was there");
    assert_eq!(Outbox::new(None, None).find(&'a', None), Found::NothingNew);
}

#[test]
fn the_memory_of_lost_saves_is_bounded() {
    let mut outbox = Outbox::new(None, None);
    for token in 0..1_000 {
        _ = outbox.saving(&Write::Refreshed(token));
    }
    assert_eq!(outbox.unacknowledged.len(), MEMORY);
    let there = Some((Some(999), V2));
    let ours = outbox.conflict(&Write::Refreshed(0), there);
    assert_eq!(ours, Conflict::Again);
}
