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
    let saved = now(store.save_if(Some(Version(7)), Some(&token("a"))));
    assert!(matches!(saved, Saved::Conflict(None)));

    let Saved::Kept(first) = now(store.save_if(None, Some(&token("a")))) else {
        panic!("nothing was expected, nothing was there");
    };
    let Saved::Conflict(Some(there)) = now(store.save_if(None, Some(&token("b")))) else {
        panic!("something was there");
    };
    assert_eq!(there.version, first);

    let Saved::Kept(second) = now(store.save_if(Some(first), Some(&token("b")))) else {
        panic!("as expected");
    };
    assert_ne!(first, second);
    assert!(matches!(
        now(store.save_if(Some(first), None)),
        Saved::Conflict(_)
    ));
    let stored = now(store.load()).and_then(|stored| stored.token);
    assert_eq!(stored.expect("b").access_token(), "b");
    let Saved::Kept(third) = now(store.save_if(Some(second), None)) else {
        panic!("as expected");
    };
    let stored = now(store.load()).expect("a sign-out has a version");
    assert!(stored.token.is_none());
    assert_eq!(stored.version, third);
    let late = now(store.save_if(None, Some(&token("a"))));
    assert!(
        matches!(late, Saved::Conflict(Some(_))),
        "expected before the sign-out"
    );
}
