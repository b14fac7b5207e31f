use super::*;

fn at(origin: usize, path: u64) -> Destination {
    Destination::new(
        OriginSet::at(origin),
        PathId::new(10 * (1 + origin as u64) + path),
    )
}

#[test]
fn promise_5_a_path_that_refuses_every_token_is_its_own_matter_once_its_origin_accepts_it() {
    let mut refusals = Refusals::default();
    refusals.add(at(0, 1));
    assert!(refusals.has(at(0, 1)) && !refusals.has(at(0, 2)) && !refusals.has(at(1, 1)));
    assert_eq!(refusals.origins(), OriginSet::at(0));
    refusals.accept(at(0, 2));
    assert_eq!(refusals.origins(), OriginSet::default());
    refusals.add(at(0, 1));
    assert_eq!(
        refusals.origins(),
        OriginSet::default(),
        "the path is known"
    );
    assert!(refusals.has(at(0, 1)) && !refusals.is_empty());
    refusals.add(at(0, 3));
    assert_eq!(refusals.origins(), OriginSet::at(0));
    refusals.accept(at(0, 1));
    refusals.accept(at(0, 3));
    assert!(refusals.is_empty());
}

#[test]
fn promise_5_an_origin_that_refuses_the_token_at_many_paths_refuses_it_everywhere() {
    let mut refusals = Refusals::default();
    for path in 0..=8 {
        assert!(!refusals.has(at(0, 99)), "{path}");
        refusals.add(at(0, path));
    }
    assert!(refusals.has(at(0, 99)) && !refusals.has(at(1, 99)));
    refusals.accept(at(0, 99));
    assert!(!refusals.has(at(0, 99)) && refusals.has(at(0, 7)));
    // The origin accepts the token at other paths, so its oldest path is forgotten.
    refusals.add(at(0, 8));
    assert!(!refusals.has(at(0, 99)) && !refusals.has(at(0, 0)));
    assert!(refusals.has(at(0, 8)) && refusals.has(at(0, 7)));
    let mut refusals = Refusals::default();
    refusals.add(OriginSet::at(0).into());
    assert!(refusals.has(at(0, 1)) && refusals.has(OriginSet::at(0).into()));
}
