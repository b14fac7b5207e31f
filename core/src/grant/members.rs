//! A lenient reader of the members of a JSON object.
//!
//! A member with an unexpected value becomes [`Value::Other`], and does not affect the others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_core::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::{Zeroize, Zeroizing};

/// The members of an object, in order.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// A value, as far as token responses need it.
enum Value<'a> {
    Text(Cow<'a, str>),
    Whole(u64),
    Number(f64),
    Other,
}

impl<'a> Value<'a> {
    /// Reads one value. A number that serde_json rejects is parsed here: one out of its range, or
    /// any number with its feature `arbitrary_precision`.
    fn of(json: &'a str) -> Self {
        let read = serde_json::from_str(json);
        read.unwrap_or_else(|_| json.parse().map_or(Self::Other, Self::Number))
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Initial capacity: most responses have fewer members.
const USUAL: usize = 8;

impl<'a> Members<'a> {
    /// `None` if the body is not a complete object, or a name in it is not valid text.
    pub(super) fn of(body: &'a [u8]) -> Option<Self> {
        // A parser may ignore a byte order mark (RFC 8259 §8.1).
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        match str::from_utf8(body) {
            Ok(body) => match first(body) {
                Ok(members) => Some(members),
                Err(_) => Self::one_by_one(body),
            },
            Err(_) => {
                let legible = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
                Members::one_by_one(&legible).map(Members::legible)
            }
        }
    }

    /// Whether the body begins with a complete object.
    pub(super) fn are_whole(body: &[u8]) -> bool {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let mut json = serde_json::Deserializer::from_slice(body);
        body.trim_ascii_start().starts_with(b"{") && IgnoredAny::deserialize(&mut json).is_ok()
    }

    /// Reads each member by itself, for objects that cannot be read at once: with a number out of
    /// range, half a surrogate pair, or an object inside.
    fn one_by_one(body: &'a str) -> Option<Self> {
        let members: BTreeMap<String, &RawValue> = first(body).ok()?;
        let members = members.into_iter();
        let members = members.map(|(name, value)| (name.into(), Value::of(value.get())));
        Some(Self(members.collect()))
    }

    /// Discards text in which bytes had to be replaced.
    fn legible(mut self) -> Members<'static> {
        let members = self.0.drain(..).map(|(name, value)| {
            let value = match value {
                Value::Text(text) if !text.contains(char::REPLACEMENT_CHARACTER) => {
                    Value::Text(text.into_owned().into())
                }
                Value::Text(_) | Value::Other => Value::Other,
                Value::Whole(number) => Value::Whole(number),
                Value::Number(number) => Value::Number(number),
            };
            (name.into_owned().into(), value)
        });
        Members(members.collect())
    }

    /// The last member with this name.
    fn get(&self, name: &str) -> Option<&Value<'a>> {
        let mut members = self.0.iter().rev();
        let (_, value) = members.find(|(named, _)| named == name)?;
        Some(value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            Value::Whole(_) | Value::Number(_) | Value::Other => None,
        }
    }

    /// Seconds, as a number or as text; `None` if it cannot be read.
    pub(super) fn seconds(&self, name: &str) -> Option<Duration> {
        let seconds = match self.get(name)? {
            Value::Whole(seconds) => return Some(Duration::from_secs(*seconds)),
            Value::Number(seconds) => *seconds,
            Value::Text(text) => text.trim().parse().ok()?,
            Value::Other => return None,
        };
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// The members with these names: text as it is, other values as JSON. Skips null.
pub(super) fn kept(body: &[u8], names: &[String]) -> Vec<(String, String)> {
    if names.is_empty() {
        return Vec::new();
    }
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let legible = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
    let members: BTreeMap<String, &RawValue> = first(&legible).unwrap_or_default();
    let text = |json: &str| serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
    let found = names.iter().filter_map(|name| {
        let json = members.get(name)?.get();
        (json != "null").then(|| (name.clone(), text(json)))
    });
    found.collect()
}

/// The value at the beginning of the text. What follows it is ignored.
fn first<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    T::deserialize(&mut serde_json::Deserializer::from_str(text))
}

/// Text with escapes was copied, and may be a token.
impl Drop for Members<'_> {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            if let Value::Text(Cow::Owned(text)) = value {
                text.zeroize();
            }
        }
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Anything)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members(Vec::with_capacity(USUAL));
        while let Some(member) = object.next_entry()? {
            match member {
                (Value::Text(name), value) => members.0.push((name, value)),
                // A name is always text.
                (Value::Whole(_) | Value::Number(_) | Value::Other, _) => {}
            }
        }
        Ok(members)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(text.to_owned().into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Whole(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value<'de>, A::Error> {
        while let Some(IgnoredAny) = values.next_element()? {}
        Ok(Value::Other)
    }

    /// Falls back to `one_by_one`: with `arbitrary_precision` a number looks like a map.
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Value<'de>, A::Error> {
        Err(A::Error::custom("not at once"))
    }
}

#[cfg(test)]
mod tests;
