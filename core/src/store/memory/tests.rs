use futures_util::FutureExt;

use super::*;

fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> T {
    future.now_or_never().expect("no wait").expect("no failure")
}

#[test]
fn what_is_not_as_expected_stays() {
    let store = MemoryStore::new();
    let token = |text: &str| Token::new(text).expect("valid");
    assert!(now(store.load()).is_none());
    let saved = now(store.save_if(Some(Version(7)), &token("a")));
    assert!(matches!(saved, Saved::Conflict(None)));

    let Saved::Kept(first) = now(store.save_if(None, &token("a"))) else {
        panic!("nothing was expected, nothing was there");
    };
    let Saved::Conflict(Some(there)) = now(store.save_if(None, &token("b"))) else {
        panic!("something was there");
    };
    assert_eq!(there.version, first);

    let Saved::Kept(second) = now(store.save_if(Some(first), &token("b"))) else {
        panic!("as expected");
    };
    assert_ne!(first, second);
    assert!(matches!(now(store.erase_if(first)), Erased::Conflict(_)));
    let stored = now(store.load()).expect("b");
    assert_eq!(stored.token.access_token(), "b");
    assert!(matches!(now(store.erase_if(second)), Erased::Gone));
    assert!(now(store.load()).is_none());
}
