use super::*;

#[test]
fn a_method_is_known_as_it_is_written() {
    assert_eq!(known(&Method::PATCH), Some("PATCH"));
    assert_eq!(original(&Method::PATCH), None);
    let shy = Method::from_bytes(b"get").expect("a token");
    assert_eq!((known(&shy), original(&shy)), (None, Some("get")));
}

#[test]
fn a_list_takes_the_place_of_the_standard_one() {
    let list = Some("GET, PURGE");
    assert!(is_known("PURGE", list) && is_known("GET", list));
    assert!(!is_known("POST", list));
}
