use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::form::MOST;
use super::*;
use crate::store::StoreError;

fn ids() -> impl Strategy<Value = Id> {
    any::<u128>().prop_map(Id)
}

fn millis() -> impl Strategy<Value = Duration> {
    (0..=MOST).prop_map(Duration::from_millis)
}

fn tokens() -> impl Strategy<Value = Token> {
    let parts = (
        "[a-z]{1,9}",
        any::<String>(),
        of(0..=4_000_000_000_000_u64),
        of(any::<String>()),
    );
    parts.prop_map(|(access_token, refresh_token, expires_at, extra)| {
        let mut token = Token::new(access_token).expect("valid");
        token = token.with_refresh_token(refresh_token);
        if let Some(millis) = expires_at {
            let since = Duration::from_millis(millis);
            token = token.with_expires_at(SystemTime::UNIX_EPOCH + since);
        }
        extra
            .into_iter()
            .fold(token, |token, extra| token.with_extra("extra", extra))
    })
}

fn claims() -> impl Strategy<Value = Claim> {
    let parts = (ids(), "\\PC{0,64}", any::<bool>(), millis());
    parts.prop_map(|(id, holder, in_doubt, limit)| Claim {
        id,
        holder: holder.into(),
        in_doubt,
        limit,
    })
}

fn uses() -> impl Strategy<Value = TokenUse> {
    prop_oneof![
        Just(TokenUse::Learn),
        Just(TokenUse::SingleUse),
        Just(TokenUse::Reusable),
        millis().prop_map(TokenUse::Grace),
    ]
}

fn records() -> impl Strategy<Value = Record> {
    let position = (0..=MOST, 0..=MOST, ids());
    let parts = (
        position,
        of(tokens()),
        of(claims()),
        any::<(u32, bool, bool)>(),
        uses(),
        ids(),
    );
    parts.prop_map(
        |((epoch, seq, sign_in), token, claim, (sends, reusable, dead), token_use, write)| {
            let position = Position {
                epoch,
                seq,
                sign_in,
            };
            let inner = StoredRecord {
                claim,
                sends,
                reusable,
                dead,
                write,
                ..StoredRecord::new(position, token.map(Arc::new), token_use)
            };
            Record::next(inner, None)
        },
    )
}

/// All but the token.
fn others(record: &Record) -> holder::Record<()> {
    let StoredRecord {
        claim,
        sends,
        reusable,
        dead,
        write,
        ..
    } = record.inner.clone();
    holder::Record {
        claim,
        sends,
        reusable,
        dead,
        write,
        ..holder::Record::new(record.inner.position, None, record.inner.token_use)
    }
}

/// A change of a valid record, or of its bytes.
#[derive(Clone, Debug)]
enum Change {
    Cut(prop::sample::Index),
    Byte(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Member(prop::sample::Index, Value),
}

fn changes() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!("x"),
        json!([]),
        json!({}),
        json!({ "grace": -1 }),
        json!("\u{e9}".repeat(32)),
        json!("+".repeat(32)),
    ];
    prop_oneof![
        index().prop_map(Change::Cut),
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (index(), vec(any::<u8>(), 1..5)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (index(), prop::sample::select(values.to_vec()))
            .prop_map(|(at, value)| Change::Member(at, value)),
    ]
}

fn changed(mut bytes: Vec<u8>, change: Change) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    match change {
        Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Change::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        Change::Insert(at, new) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, new);
        }
        Change::Member(at, value) => {
            let Ok(Value::Object(mut record)) = serde_json::from_slice(&bytes) else {
                return bytes;
            };
            let part = ["token", "claim", ""][at.index(3)];
            let object = match record.get(part) {
                Some(Value::Object(_)) => record[part].as_object_mut().expect("an object"),
                _ => &mut record,
            };
            if !object.is_empty() {
                let at = at.index(object.len());
                *object.values_mut().nth(at).expect("in range") = value;
            }
            bytes = Value::from(record).to_string().into_bytes();
        }
    }
    bytes
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn a_record_is_the_same_when_it_comes_back(record in records()) {
        let bytes = record.to_bytes();
        let back = Record::from_bytes(&bytes).expect("a record");
        prop_assert_eq!(others(&back), others(&record));
        let json = |token| serde_json::to_string(&token).expect("JSON");
        prop_assert_eq!(json(back.token()), json(record.token()));
        prop_assert_eq!(back.to_bytes(), bytes);
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(Record::from_bytes(&bytes).is_err());
    }

    #[test]
    fn no_changed_record_panics(record in records(), changes in vec(changes(), 1..4)) {
        let bytes = changes.into_iter().fold(record.to_bytes(), changed);
        // What can be read can be written, and is then the same.
        if let Ok(record) = Record::from_bytes(&bytes) {
            let bytes = record.to_bytes();
            prop_assert_eq!(Record::from_bytes(&bytes).expect("a record").to_bytes(), bytes);
        }
    }
}

fn sample() -> Value {
    json!({
        "form": 1,
        "epoch": 3,
        "seq": 41,
        "sign_in": "8f14e45fceea167a5a36dedd4bea2543",
        "token": { "access_token": "SECRET", "refresh_token": "SECRET" },
        "claim": {
            "id": "c9f0f895fb98ab9159f51fd0297e236d",
            "holder": "h",
            "in_doubt": false,
            "limit": 30_000,
        },
        "sends": 1,
        "reusable": false,
        "dead": false,
        "token_use": "learn",
        "write": "45c48cce2e2d7fbdea1afc51c7c6ad26",
    })
}

fn read(json: &Value) -> Result<Record, RecordError> {
    Record::from_bytes(json.to_string().as_bytes())
}

fn written(record: &Record) -> Value {
    serde_json::from_slice(&record.to_bytes()).expect("JSON")
}

#[test]
fn the_form_of_a_record_is_stable() {
    let record = read(&sample()).expect("a record");
    assert_eq!(record.inner.position.seq, 41);
    assert_eq!(
        record.claim().expect("a claim").to_string(),
        "c9f0f895fb98ab9159f51fd0297e236d"
    );
    assert_eq!(written(&record), sample());
}

#[test]
fn a_newer_form_says_that_the_program_must_be_updated() {
    let error = read(&json!({ "form": 2, "epoch": "another" })).expect_err("newer");
    assert!(error.is_newer_form());
    let error = StoreError::from(error).to_string();
    assert!(
        error.contains("form 2") && error.contains("update this program"),
        "{error}"
    );
}

#[test]
fn promise_19_what_is_corrupt_is_an_error_that_shows_no_secret() {
    let whole = sample().to_string();
    let trailing = format!("{whole}}}");
    let twice = whole.replacen('{', r#"{"seq":41,"#, 1);
    for (bytes, says) in [
        ("", "empty"),
        (" \n", "empty"),
        (&whole[..whole.len() - 1], "its end is missing"),
        (&trailing, "not a valid JSON object"),
        (&twice, "not a valid JSON object"),
        (r#""SECRET""#, "not a valid JSON object"),
        ("[]", "not a valid JSON object"),
        ("{}", "form is missing"),
        (r#"{"form":0}"#, "form is missing or has an invalid value"),
        (r#"{"form":1.5}"#, "form is missing or has an invalid value"),
    ] {
        let error = Record::from_bytes(bytes.as_bytes()).expect_err(bytes);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(says) && !error.is_newer_form(),
            "{bytes}: {shown}"
        );
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}

#[test]
fn promise_19_a_member_that_is_invalid_is_named_and_not_shown() {
    let secret = json!("SECRET");
    let over = json!(MOST + 1);
    for (path, value, member) in [
        ("/epoch", &json!(-1), "epoch"),
        ("/epoch", &json!(1.0), "epoch"),
        ("/seq", &over, "seq"),
        ("/seq", &secret, "seq"),
        ("/sign_in", &secret, "sign_in"),
        (
            "/sign_in",
            &json!(format!("+{}", "1".repeat(31))),
            "sign_in",
        ),
        ("/token", &secret, "token"),
        ("/token", &json!({}), "token"),
        ("/token/access_token", &json!("Bearer SECRET"), "token"),
        ("/claim", &secret, "claim"),
        ("/claim/id", &secret, "claim"),
        ("/claim/holder", &json!(null), "claim"),
        ("/claim/limit", &over, "claim"),
        ("/sends", &json!(1_u64 << 32), "sends"),
        ("/dead", &json!(1), "dead"),
        ("/token_use", &secret, "token_use"),
        ("/token_use", &json!({ "grace": 0.5 }), "token_use"),
        ("/write", &json!(null), "write"),
    ] {
        let mut record = sample();
        *record.pointer_mut(path).expect(path) = value.clone();
        let error = read(&record).expect_err(path);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&format!("{member} is missing")),
            "{path}: {shown}"
        );
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    // Each of them is required: a claim that is lost could be sent under twice.
    for member in sample().as_object().expect("an object").keys() {
        let mut record = sample();
        record.as_object_mut().expect("an object").remove(member);
        let error = read(&record).expect_err(member).to_string();
        assert!(error.contains(&format!("{member} is missing")), "{error}");
    }
}

#[test]
fn the_name_of_a_holder_is_safe_to_show() {
    let mut record = sample();
    record["claim"]["holder"] = json!(format!("\u{1b}[2J\n{}", "é".repeat(100)));
    let record = read(&record).expect("a record");
    let holder = &record.inner.claim.as_ref().expect("a claim").holder;
    assert_eq!(holder.chars().count(), 64);
    assert!(holder.starts_with("\u{fffd}[2J\u{fffd}é"), "{holder}");
}

#[test]
fn times_are_rounded_to_the_safe_side() {
    let record = read(&sample()).expect("a record");
    let mut inner = record.inner.clone();
    let odd = Duration::from_nanos(1_500_001);
    inner.claim.as_mut().expect("a claim").limit = odd;
    inner.token_use = TokenUse::Grace(odd);
    let rounded = written(&Record::next(inner, None));
    assert_eq!(rounded["claim"]["limit"], 2, "others wait for it");
    assert_eq!(
        rounded["token_use"],
        json!({ "grace": 1 }),
        "a token is sent within it"
    );
}

#[test]
fn numbers_without_a_form_are_written_as_the_largest() {
    let mut inner = read(&sample()).expect("a record").inner;
    inner.position.epoch = u64::MAX;
    inner.claim.as_mut().expect("a claim").limit = Duration::MAX;
    inner.token_use = TokenUse::Grace(Duration::MAX);
    let record = Record::from_bytes(&Record::next(inner, None).to_bytes()).expect("a record");
    assert_eq!(record.inner.position.epoch, MOST);
    let next = Record::signed_in(None, Some(&record));
    assert_eq!(next.inner.position.epoch, MOST + 1);
}

/// A record that a newer version wrote.
fn with_unknown() -> String {
    let mut record = sample();
    record["token"]["bound_to"] = json!({ "SECRET": "k1" });
    record["claim"]["since"] = json!(1_764_327_843);
    record["key"] = json!({ "SECRET": [1, null] });
    // More than a parser of numbers keeps.
    let whole = record.to_string();
    whole.replacen(
        '{',
        r#"{"new\u0022":1e400,"precise":0.12345678901234567890,"#,
        1,
    )
}

#[test]
fn unknown_members_survive_a_rewrite() {
    let json = with_unknown();
    let record = Record::from_bytes(json.as_bytes()).expect("a record");
    let again = Record::from_bytes(&record.to_bytes()).expect("a record");
    let bytes = String::from_utf8(again.to_bytes()).expect("text");
    for member in [
        r#""new\"":1e400"#,
        r#""precise":0.12345678901234567890"#,
        r#""key":{"SECRET":[1,null]}"#,
        r#""bound_to":{"SECRET":"k1"}"#,
        r#""since":1764327843"#,
    ] {
        assert_eq!(bytes.matches(member).count(), 1, "{member}: {bytes}");
    }
    assert!(!format!("{record:?}").contains("SECRET"));
}

#[test]
fn unknown_members_may_be_nested_deeply() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let members = format!(r#"{{"deep":{deep},"#);
    let json = sample().to_string().replace('{', &members);
    let record = Record::from_bytes(json.as_bytes()).expect("a record");
    assert!(record.to_bytes().len() >= 3 * deep.len());
}

#[test]
fn unknown_members_last_as_long_as_what_they_belong_to() {
    let record = Record::from_bytes(with_unknown().as_bytes()).expect("a record");
    let has = |record: &Record| {
        let bytes = String::from_utf8(record.to_bytes()).expect("text");
        ["\"key\"", "\"bound_to\"", "\"since\""].map(|member| bytes.contains(member))
    };
    let in_doubt = Record::next(record.inner.clone(), Some(&record));
    assert_eq!(has(&in_doubt), [true; 3], "the same claim");
    let claimed_again = claimed(&record);
    assert_eq!(has(&claimed_again), [true, true, false]);
    assert_eq!(has(&record.refreshed(token("b"))), [true, true, false]);
    let other = Record::signed_in(token("b"), Some(&record));
    assert_eq!(has(&other), [false; 3], "another user");
    let out = Record::signed_in(None, Some(&record));
    assert_eq!(has(&out), [false; 3], "without secrets");
    let out = String::from_utf8(out.to_bytes()).expect("text");
    assert!(!out.contains("SECRET"), "{out}");
}

#[test]
fn the_documented_sizes_are_true() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_327_843_125);
    let record = |length: usize| {
        let token = Token::new("a".repeat(length)).expect("valid");
        let token = token.with_refresh_token("r".repeat(length));
        let token = token.with_issued_at(time).with_expires_at(time);
        Record::signed_in(
            token.with_token_type("Bearer").with_scope("read write"),
            None,
        )
    };
    let size = |record: &Record| record.to_bytes().len();
    let sizes = [
        size(&Record::signed_in(None, None)),
        size(&record(40)),
        size(&claimed(&record(40))),
        size(&claimed(&record(1024))),
    ];
    assert_eq!(sizes, [205, 417, 511, 2479]);
}
