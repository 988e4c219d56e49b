//! Which program writes the trail.

/// Which program writes the trail: on each of its records.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) service: String,
    pub(crate) instance: String,
}
