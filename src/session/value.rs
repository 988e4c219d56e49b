//! What a session holds, by type.

use super::session_error::SessionError;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Something that a session holds, at most one of each type.
///
/// In the store the values of a session are one JSON object, each under its `KEY`. Two types of the
/// same key would read each other's values: name the key after the type, and keep it when the type
/// changes its name. A value that does not fit its type any more fails to be read
/// ([`is_malformed`](SessionError::is_malformed)); `#[serde(default)]` lets new fields come in.
///
/// ```
/// use request_context::session::SessionValue;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// #[serde(default)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// impl SessionValue for Cart {
///     const KEY: &'static str = "cart";
/// }
/// ```
pub trait SessionValue: Serialize + DeserializeOwned + Default + Send {
    /// Names the value within the session.
    const KEY: &'static str;
}

/// The values of a session, each as it was read.
#[derive(Clone, Default)]
pub(super) struct Data(BTreeMap<Box<str>, Box<RawValue>>);

impl Data {
    /// No bytes are no values.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, SessionError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(bytes).map(Self).map_err(|_| SessionError::malformed(""))
    }

    pub(super) fn to_bytes(&self) -> Result<Bytes, SessionError> {
        let bytes = serde_json::to_vec(&self.0).map_err(|_| SessionError::malformed(""))?;
        Ok(bytes.into())
    }

    pub(super) fn get<T: SessionValue>(&self) -> Result<Option<T>, SessionError> {
        let Some(value) = self.0.get(T::KEY) else { return Ok(None) };
        let value = serde_json::from_str(value.get());
        value.map(Some).map_err(|_| SessionError::malformed(T::KEY))
    }

    pub(super) fn insert<T: SessionValue>(&mut self, value: &T) -> Result<(), SessionError> {
        let value = serde_json::value::to_raw_value(value);
        self.0.insert(T::KEY.into(), value.map_err(|_| SessionError::malformed(T::KEY))?);
        Ok(())
    }

    /// Whether it was there.
    pub(super) fn remove<T: SessionValue>(&mut self) -> bool {
        self.0.remove(T::KEY).is_some()
    }
}
