use proptest::prelude::*;

use super::*;

/// Pieces of responses, valid and invalid.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,3}".prop_map(|text| format!("{text:?}")),
        "\"[0-9. a\\\\u]{0,6}\"",
        "-?[0-9]{1,22}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("[1,{\"a\":1e999}]".to_owned()),
        Just("{\"a\":[\"b\"]}".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0061\"".to_owned()),
        "[-+0-9.eE\"a{}\\[\\]]{0,6}",
    ]
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn promise_10_read_at_once_is_read_one_by_one(
        members in prop::collection::vec(("a|b|c|\\\\u0061", value()), 0..4),
        cut in 0..64_usize,
    ) {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        let mut json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        if cut < json.len() && cut < 8 {
            json.truncate(json.len() - cut);
        }
        let read = |members: Option<Members<'_>>| members.map(|members| {
            ["a", "b", "c"].map(|name| (members.text(name).map(str::to_owned), members.seconds(name)))
        });
        let at_once = read(Members::of(json.as_bytes()));
        prop_assert_eq!(at_once, read(Members::one_by_one(&json)), "{}", json);
    }
}

#[test]
fn promise_10_a_byte_that_is_no_utf_8_costs_its_own_member_alone() {
    let body = b"{\"a\":\"b\",\"expires_in\":3600,\"name\":\"Ren\xe9\",\"c\\u0061\":\"d\\n\"}";
    let members = Members::of(body).expect("an object");
    assert_eq!(members.text("a"), Some("b"));
    assert_eq!(members.text("ca"), Some("d\n"));
    assert_eq!(members.text("name"), None);
    assert_eq!(
        members.seconds("expires_in"),
        Some(Duration::from_secs(3_600))
    );
}

#[test]
fn promise_20_the_longest_lifetime_is_read() {
    let members = Members::of(br#"{"a":18446744073709551615,"b":18446744073709551616}"#);
    let seconds = |name| members.as_ref().and_then(|members| members.seconds(name));
    assert_eq!(seconds("a"), Some(Duration::from_secs(u64::MAX)));
    assert_eq!(seconds("b"), None);
}
