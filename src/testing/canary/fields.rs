//! Which fields hold canaries of a type.

use super::kind::CanaryKind;

/// Which fields hold canaries of a type; in all others they are free strings.
///
/// # Examples
/// ```
/// use request_context::testing::canary::{CanaryFields, CanaryKind};
///
/// let fields = CanaryFields::new().with("email", CanaryKind::Email).with("born", CanaryKind::Date);
/// assert_eq!(fields.kind_of("email"), CanaryKind::Email);
/// assert_eq!(fields.kind_of("note"), CanaryKind::Token);
/// ```
#[derive(Debug, Clone, Default)]
pub struct CanaryFields {
    kinds: Vec<(String, CanaryKind)>,
}

impl CanaryFields {
    /// Free strings everywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self { kinds: Vec::new() }
    }

    /// The same, with canaries of `kind` in `field`. The last word about a field counts.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, kind: CanaryKind) -> Self {
        let field = field.into();
        self.kinds.retain(|(known, _)| *known != field);
        self.kinds.push((field, kind));
        self
    }

    /// What the canaries of `field` look like.
    #[must_use]
    pub fn kind_of(&self, field: &str) -> CanaryKind {
        self.kinds
            .iter()
            .find(|(known, _)| known == field)
            .map_or(CanaryKind::Token, |(_, kind)| *kind)
    }

    /// The place of a session's `field` among all pairs of session and date field.
    pub(super) fn place_of_date(&self, session: u32, field: &str) -> u64 {
        let dates = self.kinds.iter().filter(|(_, kind)| *kind == CanaryKind::Date);
        let (mut count, mut place) = (0, 0);
        for (known, _) in dates {
            if known == field {
                place = count;
            }
            count += 1;
        }
        u64::from(session) * count + place
    }
}
