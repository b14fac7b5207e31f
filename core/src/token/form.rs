//! The serialised form of a token.
//!
//! Its errors name a member and never show a value, which may be a secret in the wrong place.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess};
use serde_core::de::{Unexpected, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};

use super::{Secret, Token};

const ACCESS_TOKEN: &str = "access_token";
const TOKEN_TYPE: &str = "token_type";
const REFRESH_TOKEN: &str = "refresh_token";
const ISSUED_AT: &str = "issued_at";
const EXPIRES_AT: &str = "expires_at";
const SCOPE: &str = "scope";
const EXTRAS: &str = "extras";

/// The members of the form.
pub(crate) const MEMBERS: [&str; 7] = [
    ACCESS_TOKEN,
    TOKEN_TYPE,
    REFRESH_TOKEN,
    ISSUED_AT,
    EXPIRES_AT,
    SCOPE,
    EXTRAS,
];

/// The end of the year 9999, in milliseconds since the epoch. A later time is likely to be in
/// another unit than seconds.
const LATEST: u64 = 253_402_300_799_000;

/// The form that the documentation of [`Token`] describes.
impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.serialize_into(&mut object)?;
        object.end()
    }
}

impl Token {
    /// Writes the members of the form.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let access_token = self.access_token();
        let access_token = (!access_token.is_empty()).then_some(access_token);
        object.serialize_entry(ACCESS_TOKEN, &access_token)?;
        let texts = [
            (TOKEN_TYPE, self.token_type()),
            (REFRESH_TOKEN, self.refresh_token()),
            (SCOPE, self.scope()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                object.serialize_entry(name, text)?;
            }
        }
        let times = [
            (ISSUED_AT, self.issued_at()),
            (EXPIRES_AT, self.expires_at()),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                object.serialize_entry(name, &SinceEpoch(time))?;
            }
        }
        if !self.extras.is_empty() {
            object.serialize_entry(EXTRAS, &Extras(&self.extras))?;
        }
        Ok(())
    }
}

struct SinceEpoch(SystemTime);

impl Serialize for SinceEpoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default().as_millis();
        let millis = u64::try_from(since).map_or(LATEST, |since| since.min(LATEST));
        match (millis / 1000, millis % 1000) {
            (seconds, 0) => serializer.serialize_u64(seconds),
            _ => serializer.serialize_f64(Duration::from_millis(millis).as_secs_f64()),
        }
    }
}

struct Extras<'a>(&'a [(String, Secret)]);

impl Serialize for Extras<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extras = self.0.iter();
        serializer.collect_map(extras.map(|(name, value)| (name, value.expose())))
    }
}

/// The form that the documentation of [`Token`] describes. The errors show no secret.
impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Token;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Token, A::Error> {
        let mut token = Token::nothing();
        let mut seen = Vec::new();
        while let Some(name) = object.next_key_seed(Text("the name of a member"))? {
            let name = name.as_ref().map_or("", Secret::expose);
            let Some(member) = MEMBERS.into_iter().find(|member| *member == name) else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&member) {
                return Err(A::Error::duplicate_field(member));
            }
            seen.push(member);
            token = with_member(token, member, &mut object)?;
        }
        if !seen.contains(&ACCESS_TOKEN) {
            return Err(A::Error::missing_field(ACCESS_TOKEN));
        }
        Ok(token)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Token, E> {
        Err(E::invalid_type(Unexpected::Other("text"), &self))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Token, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Token, E> {
        self.visit_i64(0)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Token, E> {
        self.visit_i64(0)
    }
}

/// The token with the value of this member.
fn with_member<'de, A: MapAccess<'de>>(
    mut token: Token,
    member: &'static str,
    object: &mut A,
) -> Result<Token, A::Error> {
    match member {
        ISSUED_AT => token.issued_at = object.next_value_seed(Seconds(member))?,
        EXPIRES_AT => token.expires_at = object.next_value_seed(Seconds(member))?,
        EXTRAS => return object.next_value_seed(WithExtras(token)),
        _ => {
            let Some(text) = object.next_value_seed(Text(member))? else {
                return Ok(token);
            };
            let text = text.expose();
            match member {
                ACCESS_TOKEN => {
                    let valid = Token::new(text).map_err(A::Error::custom)?;
                    token.access_token = valid.access_token;
                }
                REFRESH_TOKEN => token = token.with_refresh_token(text),
                TOKEN_TYPE => token.token_type = Some(text.to_owned()),
                _ => token.scope = Some(text.to_owned()),
            }
        }
    }
    Ok(token)
}

/// Reads text or null, for the member with this name.
struct Text(&'static str);

impl Text {
    fn is_other<T, E: Error>(&self) -> Result<T, E> {
        Err(E::custom(format_args!("{} is not text", self.0)))
    }
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Secret>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Secret>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text for {}", self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.is_other()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.is_other()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.is_other()
    }
}

/// Reads the extras of this token.
struct WithExtras(Token);

impl<'de> DeserializeSeed<'de> for WithExtras {
    type Value = Token;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Token, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for WithExtras {
    type Value = Token;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object for {EXTRAS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Token, A::Error> {
        let mut token = self.0;
        while let Some(name) = object.next_key_seed(Text("the name of an extra"))? {
            let value = object.next_value_seed(Text("the value of an extra"))?;
            if let (Some(name), Some(value)) = (name, value) {
                token = token.with_extra(name.expose(), value.expose());
            }
        }
        Ok(token)
    }

    fn visit_unit<E: Error>(self) -> Result<Token, E> {
        Ok(self.0)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Token, E> {
        Err(E::custom(format_args!("{EXTRAS} is not an object")))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Token, E> {
        self.visit_str("")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Token, E> {
        self.visit_str("")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Token, E> {
        self.visit_str("")
    }
}

/// Reads seconds since the epoch or null, for the member with this name.
struct Seconds(&'static str);

impl<'de> DeserializeSeed<'de> for Seconds {
    type Value = Option<SystemTime>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        // The name replaces an error that may show the value.
        let name = self.0;
        let error =
            || format!("{name} is not a number of seconds since 1970, before the year 10000");
        let time = value.deserialize_option(self);
        time.map_err(|_| D::Error::custom(error()))
    }
}

impl<'de> Visitor<'de> for Seconds {
    type Value = Option<SystemTime>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seconds for {}", self.0)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        // Not `deserialize_any`: with a feature of serde_json, a number is then a map.
        value.deserialize_f64(self)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
        time(seconds.checked_mul(1000))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
        time(
            u64::try_from(seconds)
                .ok()
                .and_then(|it| it.checked_mul(1000)),
        )
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
        let since = Duration::try_from_secs_f64(seconds).ok();
        // To the nearest millisecond: a fraction is not exact.
        let since = since.and_then(|since| since.checked_add(Duration::from_micros(500)));
        time(since.and_then(|since| u64::try_from(since.as_millis()).ok()))
    }
}

fn time<E: Error>(millis: Option<u64>) -> Result<Option<SystemTime>, E> {
    let millis = millis.filter(|millis| *millis <= LATEST);
    let time = millis.and_then(|it| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(it)));
    match time {
        Some(time) => Ok(Some(time)),
        None => Err(E::custom("out of range")),
    }
}

#[cfg(test)]
mod tests;
