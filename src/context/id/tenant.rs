//! The ID of a tenant.

use super::InvalidId;
use super::text::Text;
use super::text_id;
use crate::context::ContextValue;

/// Names one tenant of a multi-tenant service: a [`ContextValue`], put into the context by
/// authentication.
///
/// 1 to 256 bytes without control characters. It never comes from a client's header (OWASP ASVS
/// 5.0, 8.4.1): take it from the verified credential.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId {
    text: Text<38>,
}

impl TenantId {
    const MAX_BYTES: usize = 256;

    fn surely(text: &str) -> Option<Text<38>> {
        Text::printable(text)
    }

    fn check(text: &str) -> Result<(), InvalidId> {
        InvalidId::check("tenant ID", text, Self::MAX_BYTES, |c| !c.is_control())
    }
}

text_id!(TenantId);

impl ContextValue for TenantId {}
