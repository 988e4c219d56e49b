//! [`Policy`]: what of a token that is dead.

/// What is done with a token that no session has: unknown, expired, logged out, rotated, malformed.
/// It is never adopted, by either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    is_browser: bool,
}

impl Policy {
    /// For programs: 404 with `{"error":"session_not_found"}`, so that the client knows it has to
    /// begin anew; a dead cookie is removed. A request without a token goes on. A session of somebody
    /// else than the request is authenticated for, or that nobody was logged in to: 401.
    #[must_use]
    pub const fn api() -> Self {
        Self { is_browser: false }
    }

    /// For people: the request goes on as one without a session, and the dead cookie is removed. A
    /// session of somebody else than the request is authenticated for, or that nobody was logged in to,
    /// gives way to a fresh one at the first write.
    #[must_use]
    pub const fn browser() -> Self {
        Self { is_browser: true }
    }

    pub(super) fn goes_on(self) -> bool {
        self.is_browser
    }
}
