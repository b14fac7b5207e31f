use super::*;

const FENCE: Generation = Generation::FIRST.next();
const V1: Version = Version(1);

fn books(owed: Option<Word<char>>) -> Books<char> {
    Books::new(Some(V1), owed)
}

#[test]
fn promise_13_a_refresh_from_before_the_fence_is_not_owed() {
    let mut books = books(None);
    books.fence(FENCE, Word::SignedOut);
    assert!(!books.refreshed(Generation::FIRST, 'a'));
    assert_eq!(books.owed(), Some(&Word::SignedOut));
    assert!(books.refreshed(FENCE, 'b'));
}

#[test]
fn promise_13_a_sign_in_keeps_its_force_until_the_store_has_heard_of_it() {
    let mut books = books(Some(Word::SignedIn('a')));
    assert!(books.refreshed(FENCE, 'b'));
    assert_eq!(books.owed(), Some(&Word::SignedIn('b')));
    books.settled(&Word::SignedIn('a'));
    assert_eq!(
        books.owed(),
        Some(&Word::SignedIn('b')),
        "not the last word"
    );
    books.settled(&Word::SignedIn('b'));
    assert!(books.refreshed(FENCE, 'c'));
    assert_eq!(books.owed(), Some(&Word::Refreshed('c')));
}

#[test]
fn promise_10_a_refresh_writes_over_ours_and_over_nobody_elses() {
    let mut books = books(None);
    books.saving('a');
    for (there, ours) in [(Some(&'a'), true), (Some(&'x'), false), (None, false)] {
        assert_eq!(books.may_replace(&Word::Refreshed('b'), there), ours);
        assert!(books.may_replace(&Word::SignedIn('b'), there));
        assert!(books.may_replace(&Word::SignedOut, there));
    }
    books.saved(Version(2));
    assert!(!books.may_replace(&Word::Refreshed('b'), Some(&'a')));
}

#[test]
fn promise_9_what_is_there_is_newer_or_ours_or_erased() {
    let mut books = books(None);
    assert_eq!(books.find(&'a', Some(('a', V1))), Found::NothingNew);
    let newer = Some(('b', Version(2)));
    assert_eq!(books.find(&'a', newer), Found::Newer('b'));
    assert_eq!(books.seen(), Some(Version(2)));
    // As long as it was not adopted.
    assert_eq!(books.find(&'a', newer), Found::Newer('b'));
    assert_eq!(books.find(&'a', None), Found::Erased);
    books.see(None);
    assert_eq!(books.find(&'a', None), Found::NothingNew, "erased by us");
    assert_eq!(Books::new(None, None).find(&'a', None), Found::NothingNew);
}

#[test]
fn the_memory_of_lost_saves_is_bounded() {
    let mut books = Books::new(None, None);
    for token in 0..1_000 {
        books.saving(token);
    }
    assert_eq!(books.unacknowledged.len(), MEMORY);
    assert!(books.may_replace(&Word::Refreshed(0), Some(&999)));
}
