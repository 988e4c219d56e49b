//! The texts of a record that it may have.

/// The texts of a record that it may have: as bytes, since those of an ID are text by its type, and
/// would be looked through for nothing.
pub(super) struct Texts<'a> {
    pub(super) reason: Option<&'a [u8]>,
    pub(super) resource_id: Option<&'a [u8]>,
    pub(super) owner_tenant: Option<&'a [u8]>,
    pub(super) owner_user: Option<&'a [u8]>,
    pub(super) owner_session: Option<&'a [u8]>,
    pub(super) tenant: Option<&'a [u8]>,
    pub(super) user: Option<&'a [u8]>,
    pub(super) session: Option<&'a [u8]>,
    pub(super) authenticated_by: Option<&'a [u8]>,
    pub(super) on_behalf_of: Option<&'a [u8]>,
    pub(super) purpose: Option<&'a [u8]>,
    pub(super) request_id: Option<&'a [u8]>,
    pub(super) trace_id: Option<&'a [u8]>,
}

impl Texts<'_> {
    /// How many bytes they are, cut as they will be.
    pub(super) fn bytes(&self) -> usize {
        let all = [
            self.reason,
            self.resource_id,
            self.owner_tenant,
            self.owner_user,
            self.owner_session,
            self.tenant,
            self.user,
            self.session,
            self.authenticated_by,
            self.on_behalf_of,
            self.purpose,
            self.request_id,
            self.trace_id,
        ];
        all.into_iter().map(|text| text.unwrap_or_default().len().min(1100)).sum()
    }
}
