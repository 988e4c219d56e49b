//! What whoever follows the log is told of an access.

use super::Action;
use super::Outcome;
use super::event::Event;
use super::trail::TrailError;
use std::panic::Location;

/// What whoever follows the log is told of an access, once it is known whether that is on record;
/// without the ID of the resource, which only the trail has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    pub(super) event: Event,
    pub(super) outcome: Outcome,
    pub(super) action: Action,
    pub(super) resource_type: &'static str,
    pub(super) source: &'static Location<'static>,
}

impl Notice {
    /// It is as it is on record, or where there need be no record.
    #[inline(always)]
    pub(super) fn is_so(self) {
        let Self { event, outcome, action, resource_type, .. } = self;
        // Named in the macro, which asks for the names where somebody listens alone.
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    event = event.name(),
                    outcome = outcome.name(),
                    action = action.name(),
                    resource.r#type = resource_type,
                    "access"
                )
            };
        }
        if outcome == Outcome::Allowed { tell!(info) } else { tell!(warn) }
    }

    /// It is refused, since it cannot be put on record.
    #[cold]
    pub(super) fn is_refused(self, error: &TrailError) {
        let Self { event, action, resource_type, source, .. } = self;
        tracing::error!(
            at = %source,
            event = event.name(),
            action = action.name(),
            resource.r#type = resource_type,
            %error,
            "access refused"
        );
    }
}
