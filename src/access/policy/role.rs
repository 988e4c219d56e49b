//! The name of a role.

use std::borrow::Cow;
use std::fmt;

/// The name of a role, made to be compared.
#[derive(Clone)]
pub(super) struct Role {
    /// The whole of a short name, filled up, and its length: all there is to compare. Zero of a
    /// longer one.
    short: u128,
    name: Cow<'static, str>,
}

impl Role {
    pub(super) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        Self { short: short(&name).unwrap_or_default(), name }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Role {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.short == other.short && (self.short != 0 || self.name == other.name)
    }
}

impl Eq for Role {}

/// Never zero, since a length is in it that is counted from one.
fn short(name: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes[..15].get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    bytes[15] = u8::try_from(name.len()).ok()? + 1;
    Some(u128::from_ne_bytes(bytes))
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name, f)
    }
}
