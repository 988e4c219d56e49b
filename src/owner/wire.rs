//! The serialised form of a sealed value: its owner and itself.

use super::owned::Owned;
use super::owner::Owner;
use super::seal::Seal;
use crate::context::InvalidId;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde::ser::Error as _;
use serde::ser::SerializeStruct;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

const FIELDS: &[&str] = &["tenant", "user", "session", "value"];

impl<T: Serialize> Serialize for Owned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.try_open().map_err(S::Error::custom)?;
        let owner = self.seal().owner();
        let mut form = serializer.serialize_struct("Owned", FIELDS.len())?;
        form.serialize_field("tenant", &owner.tenant_id().map(AsRef::<str>::as_ref))?;
        form.serialize_field("user", &owner.user_id().map(AsRef::<str>::as_ref))?;
        form.serialize_field("session", &owner.session_id().map(AsRef::<str>::as_ref))?;
        form.serialize_field("value", value)?;
        form.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Owned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let is_form = Cell::new(false);
        let form = Form { is_form: &is_form, value: PhantomData };
        let read = deserializer.deserialize_struct("Owned", FIELDS, form);
        read.map_err(|error| if is_form.get() { error } else { unquoted(error) })
    }
}

/// What was read in the place of a form may be anything of anybody, and serde's own errors quote it.
fn unquoted<E: serde::de::Error>(_: E) -> E {
    E::custom("not a value sealed with its owner, or not one of this type")
}

struct Form<'a, T> {
    /// Whether it has come to the fields, of which no error quotes anything.
    is_form: &'a Cell<bool>,
    value: PhantomData<fn() -> T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Form<'_, T> {
    type Value = Owned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value sealed with its owner")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Owned<T>, A::Error> {
        self.is_form.set(true);
        let mut id = |place| {
            let id = seq.next_element::<Option<String>>().map_err(unquoted)?;
            id.ok_or_else(|| A::Error::invalid_length(place, &self))
        };
        let (tenant, user, session) = (id(0)?, id(1)?, id(2)?);
        let value = seq.next_element().map_err(unquoted)?;
        let value = value.ok_or_else(|| A::Error::invalid_length(3, &self))?;
        sealed(tenant, user, session, value)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Owned<T>, A::Error> {
        self.is_form.set(true);
        let (mut tenant, mut user, mut session, mut value) = (None, None, None, None);
        while let Some(Field(place)) = map.next_key().map_err(unquoted)? {
            let is_first = match place {
                0 => tenant.replace(map.next_value().map_err(unquoted)?).is_none(),
                1 => user.replace(map.next_value().map_err(unquoted)?).is_none(),
                2 => session.replace(map.next_value().map_err(unquoted)?).is_none(),
                _ => value.replace(map.next_value().map_err(unquoted)?).is_none(),
            };
            if !is_first {
                return Err(A::Error::duplicate_field(FIELDS[place]));
            }
        }
        // Also an ID that the owner has not got is written down: what is left out was cut off.
        let missing = |place| move || A::Error::missing_field(FIELDS[place]);
        sealed(
            tenant.ok_or_else(missing(0))?,
            user.ok_or_else(missing(1))?,
            session.ok_or_else(missing(2))?,
            value.ok_or_else(missing(3))?,
        )
    }
}

fn sealed<T, E: serde::de::Error>(
    tenant: Option<String>,
    user: Option<String>,
    session: Option<String>,
    value: T,
) -> Result<Owned<T>, E> {
    let owner = Owner::from_parts(id(tenant)?, id(user)?, id(session)?);
    let seal = Seal::new(owner).map_err(E::custom)?;
    Ok(Owned::from_parts(seal, value))
}

fn id<I: FromStr<Err = InvalidId>, E: serde::de::Error>(
    text: Option<String>,
) -> Result<Option<I>, E> {
    text.map(|text| text.parse().map_err(E::custom)).transpose()
}

/// The place of a field in [`FIELDS`].
struct Field(usize);

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(FieldName)
    }
}

struct FieldName;

impl Visitor<'_> for FieldName {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
        let place = FIELDS.iter().position(|field| *field == name);
        place.map(Field).ok_or_else(|| E::custom("a field that a sealed value has not got"))
    }
}
