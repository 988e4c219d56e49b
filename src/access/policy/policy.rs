//! The policy of a context.

use super::Decide;
use super::RolePolicy;
use crate::context::ContextValue;
use crate::context::Reach;
use std::any::Any;
use std::any::type_name;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The policy that [`authorize`](crate::access::authorize) asks: a [`ContextValue`], so that there
/// is no global; for the layer, by `RequestContextLayer::insert`.
///
/// It is no authority of anybody's, so detached work has it too: there it denies what it does not
/// [decide](Decide::decides_for_detached_work).
#[derive(Clone)]
pub struct Policy {
    decider: Arc<Decider>,
    name: &'static str,
    is_trail_optional: bool,
    timeout: Duration,
}

/// Who decides; the built-in policy by its name, since it is asked most often.
pub(in crate::access) enum Decider {
    Rules(RolePolicy),
    Other(Box<dyn Decide>),
}

impl ContextValue for Policy {
    const REACH: Reach = Reach::Beyond;
}

impl Policy {
    /// The policy that `decide` decides by.
    #[must_use]
    pub fn new<D: Decide>(decide: D) -> Self {
        let mut decide = Some(decide);
        let rules = (&mut decide as &mut dyn Any).downcast_mut().and_then(Option::take);
        let decider = match decide {
            Some(decide) => Decider::Other(Box::new(decide)),
            None => Decider::Rules(rules.unwrap_or_default()),
        };
        let (name, timeout) = (type_name::<D>(), Duration::from_secs(5));
        Self { decider: Arc::new(decider), name, is_trail_optional: false, timeout }
    }

    /// How long an answer that comes [later](super::Decided::later) is waited for: 5 seconds unless
    /// set. Then it is a failure, so a denial, and on record. [`Duration::MAX`] waits for ever.
    ///
    /// The time is tokio's: outside its runtimes there is no end of it, and in one without timers what
    /// waits for the answer panics. A policy that blocks the thread cannot be left.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Also decides where the context has no [`Trail`](crate::access::trail::Trail): then a decision
    /// is an event of tracing and on no record. Otherwise all is refused without one.
    #[must_use]
    pub fn without_trail(self) -> Self {
        Self { is_trail_optional: true, ..self }
    }

    #[inline]
    pub(in crate::access) fn decider(&self) -> &Decider {
        &self.decider
    }

    pub(in crate::access) fn answers_within(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn is_trail_optional(&self) -> bool {
        self.is_trail_optional
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policy").field(&self.name).finish()
    }
}
