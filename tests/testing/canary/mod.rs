//! Values that name the session they were planted for.

mod bodies;
mod kinds;
mod properties;
mod streams;
mod variants;

use request_context::testing::canary::Canaries;
use request_context::testing::canary::CanaryFields;
use request_context::testing::canary::CanaryKind;

const KINDS: [(&str, CanaryKind); 6] = [
    ("note", CanaryKind::Token),
    ("email", CanaryKind::Email),
    ("order", CanaryKind::Uuid),
    ("account", CanaryKind::Integer),
    ("peer", CanaryKind::Ip),
    ("born", CanaryKind::Date),
];

/// None planted, and a field of each kind.
fn canaries(seed: u64) -> Canaries {
    let fields = KINDS
        .into_iter()
        .fold(CanaryFields::new(), |fields, (field, kind)| fields.with(field, kind));
    Canaries::new(seed, fields)
}
