//! How a sink begins.

use crate::access::chain::Head;

/// How a sink begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    head: Head,
    torn_bytes: Option<u64>,
}

impl Start {
    /// The chain goes on after this head; for the first record of all, [`Head::genesis`].
    #[must_use]
    pub fn after(head: Head) -> Self {
        Self { head, torn_bytes: None }
    }

    /// A last line of this many bytes was not whole, and was cut off: the trail says so in its next
    /// record.
    #[must_use]
    pub fn with_torn(self, bytes: u64) -> Self {
        Self { torn_bytes: Some(bytes), ..self }
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn torn_bytes(&self) -> Option<u64> {
        self.torn_bytes
    }
}
