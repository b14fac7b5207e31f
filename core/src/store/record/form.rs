//! The stored form of a record, as the documentation of `Record` describes it.

use std::sync::Arc;
use std::time::Duration;

use serde_core::de::Deserialize;
use serde_core::ser::{Serialize, SerializeMap, Serializer};

use super::error::{Flaw, RecordError};
use super::object::{Members, Object};
use super::unknown::{Unknown, UnknownMembers};
use super::{Record, StoredRecord};
use crate::machine::TokenUse;
use crate::machine::holder::{Claim, Id, Position};
use crate::token::{MEMBERS, Token};

/// The form that this version writes, and the newest that it reads.
pub(super) const FORM: u64 = 1;

/// The largest number: what every JSON parser reads exactly. The protocol counts on from there.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// How many characters the name of a holder has at most.
const LONGEST_NAME: usize = 64;

pub(super) fn write(record: &Record) -> Vec<u8> {
    serde_json::to_vec(&Form(record)).expect("the members have names and valid values")
}

pub(super) fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    let mut object = Object::of(bytes).map_err(|error| {
        RecordError(match bytes.trim_ascii() {
            [] => Flaw::Empty,
            [b'{', ..] if error.is_eof() => Flaw::CutOff,
            _ => Flaw::NotAnObject,
        })
    })?;
    match number(&mut object, "form")? {
        0 => return Err(invalid("form")),
        FORM => {}
        form => return Err(RecordError(Flaw::Newer(form))),
    }
    let position = Position {
        epoch: number(&mut object, "epoch")?,
        seq: number(&mut object, "seq")?,
        sign_in: id(&mut object, "sign_in")?,
    };
    let mut unknown = UnknownMembers::default();
    let token = part(&mut object, "token")?.map(|(json, mut object)| {
        for member in MEMBERS {
            object.take(member);
        }
        unknown.token = object.rest();
        let token = serde_json::from_str::<Token>(json);
        token.map(Arc::new).map_err(|_| invalid("token"))
    });
    let claim = part(&mut object, "claim")?.map(|(_, mut object)| {
        let claim = claim(&mut object).map_err(|_| invalid("claim"))?;
        unknown.claim = object.rest();
        Ok(claim)
    });
    let inner = StoredRecord {
        token: token.transpose()?,
        claim: claim.transpose()?,
        sends: value(&mut object, "sends")?,
        reusable: value(&mut object, "reusable")?,
        dead: value(&mut object, "dead")?,
        write: id(&mut object, "write")?,
        ..StoredRecord::new(position, None, token_use(&mut object)?)
    };
    unknown.record = object.rest();
    let has_unknown = [&unknown.record, &unknown.token, &unknown.claim];
    let has_unknown = has_unknown.iter().any(|members| !members.is_empty());
    Ok(Record {
        inner,
        unknown: Unknown {
            members: has_unknown.then(|| Arc::new(unknown)),
        },
    })
}

const fn invalid(member: &'static str) -> RecordError {
    RecordError(Flaw::Invalid(member))
}

/// The value of a member.
fn value<'a, T: Deserialize<'a>>(
    object: &mut Object<'a>,
    member: &'static str,
) -> Result<T, RecordError> {
    let value = object.take(member).ok_or_else(|| invalid(member))?;
    serde_json::from_str(value.get()).map_err(|_| invalid(member))
}

fn number(object: &mut Object<'_>, member: &'static str) -> Result<u64, RecordError> {
    match value(object, member)? {
        number @ 0..=MOST => Ok(number),
        _ => Err(invalid(member)),
    }
}

fn id(object: &mut Object<'_>, member: &'static str) -> Result<Id, RecordError> {
    let digits: String = value(object, member)?;
    let valid = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let id = u128::from_str_radix(&digits, 16);
    id.ok()
        .filter(|_| valid)
        .map(Id)
        .ok_or_else(|| invalid(member))
}

/// An object within the record, and its JSON; `None` for null.
fn part<'a>(
    object: &mut Object<'a>,
    member: &'static str,
) -> Result<Option<(&'a str, Object<'a>)>, RecordError> {
    match object.take(member).ok_or_else(|| invalid(member))?.get() {
        "null" => Ok(None),
        json => match Object::of(json.as_bytes()) {
            Ok(object) => Ok(Some((json, object))),
            Err(_) => Err(invalid(member)),
        },
    }
}

fn claim(object: &mut Object<'_>) -> Result<Claim, RecordError> {
    let holder: String = value(object, "holder")?;
    Ok(Claim {
        id: id(object, "id")?,
        holder: name(&holder).into(),
        in_doubt: value(object, "in_doubt")?,
        limit: Duration::from_millis(number(object, "limit")?),
    })
}

/// The name of a holder, which others wrote, safe to show.
fn name(holder: &str) -> String {
    let shown = holder.chars().take(LONGEST_NAME);
    let shown = shown.map(|char| match char.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => char,
    });
    shown.collect()
}

fn token_use(object: &mut Object<'_>) -> Result<TokenUse, RecordError> {
    const MEMBER: &str = "token_use";
    let json = object.take(MEMBER).ok_or_else(|| invalid(MEMBER))?.get();
    match json {
        r#""learn""# => return Ok(TokenUse::Learn),
        r#""single_use""# => return Ok(TokenUse::SingleUse),
        r#""reusable""# => return Ok(TokenUse::Reusable),
        _ => {}
    }
    let grace = Object::of(json.as_bytes()).map_err(|_| invalid(MEMBER));
    let grace = number(&mut grace?, "grace").map_err(|_| invalid(MEMBER))?;
    Ok(TokenUse::Grace(Duration::from_millis(grace)))
}

struct Form<'a>(&'a Record);

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Record { inner, unknown } = self.0;
        let nothing = UnknownMembers::default();
        let unknown = unknown.members.as_deref().unwrap_or(&nothing);
        let token = inner.token.as_deref();
        let token = token.map(|token| WithUnknown(token, &unknown.token));
        let claim = inner.claim.as_ref();
        let claim = claim.map(|claim| WithUnknown(claim, &unknown.claim));
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("form", &FORM)?;
        object.serialize_entry("epoch", &inner.position.epoch.min(MOST))?;
        object.serialize_entry("seq", &inner.position.seq.min(MOST))?;
        object.serialize_entry("sign_in", &digits(inner.position.sign_in))?;
        object.serialize_entry("token", &token)?;
        object.serialize_entry("claim", &claim)?;
        object.serialize_entry("sends", &inner.sends)?;
        object.serialize_entry("reusable", &inner.reusable)?;
        object.serialize_entry("dead", &inner.dead)?;
        object.serialize_entry("token_use", &Use(inner.token_use))?;
        object.serialize_entry("write", &digits(inner.write))?;
        unknown.record.serialize_into(&mut object)?;
        object.end()
    }
}

/// A part of the record, and its members that are unknown.
struct WithUnknown<'a, T>(&'a T, &'a Members);

impl Serialize for WithUnknown<'_, Token> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.0.serialize_into(&mut object)?;
        self.1.serialize_into(&mut object)?;
        object.end()
    }
}

impl Serialize for WithUnknown<'_, Claim> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claim = self.0;
        // Rounded up: others wait for it.
        let limit = millis(claim.limit.saturating_add(Duration::from_nanos(999_999)));
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", &digits(claim.id))?;
        object.serialize_entry("holder", &name(&claim.holder))?;
        object.serialize_entry("in_doubt", &claim.in_doubt)?;
        object.serialize_entry("limit", &limit)?;
        self.1.serialize_into(&mut object)?;
        object.end()
    }
}

struct Use(TokenUse);

impl Serialize for Use {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            TokenUse::Learn => serializer.serialize_str("learn"),
            TokenUse::SingleUse => serializer.serialize_str("single_use"),
            TokenUse::Reusable => serializer.serialize_str("reusable"),
            TokenUse::Grace(grace) => serializer.collect_map([("grace", millis(grace))]),
        }
    }
}

/// Hexadecimal digits, for a number that JSON parsers do not read exactly.
fn digits(id: Id) -> String {
    format!("{:032x}", id.0)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(MOST, |millis| millis.min(MOST))
}
