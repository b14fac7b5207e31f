//! The members of a JSON object, not yet read.

use std::fmt;
use std::mem;

use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_core::ser::SerializeMap;
use serde_json::value::RawValue;
use zeroize::Zeroize;

/// The members of an object, in order. No name is there twice.
pub(super) struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    pub(super) fn of(json: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    /// Takes the member with this name out.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// The members that were not taken out.
    pub(super) fn rest(self) -> Members {
        let members = self.0.into_iter();
        Members(
            members
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
        )
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Everything)
    }
}

struct Everything;

impl<'de> Visitor<'de> for Everything {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Object<'de>, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some((name, value)) = object.next_entry::<String, _>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            members.push((name, value));
        }
        Ok(Object(members))
    }
}

/// Members as they were written. They are overwritten when dropped.
#[derive(Clone, Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn serialize_into<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let mut members = self.0.iter();
        members.try_for_each(|(name, value)| object.serialize_entry(name, value))
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for (_, value) in mem::take(&mut self.0) {
            Box::<str>::from(value).zeroize();
        }
    }
}
