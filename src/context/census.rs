//! The hidden census of the test kit: it hears of each context that is made on the thread of a run.
//!
//! Outside a run, making a context looks into one thread-local and goes on.

use crate::context::RequestContext;
use std::cell::RefCell;
use std::sync::Arc;

/// Who counts.
pub(crate) trait Census {
    /// Hears of a context that was made just now.
    fn made(&self, context: &RequestContext);
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<dyn Census>>> = const { RefCell::new(None) };
}

/// Has `census` hear of what is made on this thread, or nobody.
pub(crate) fn set_census(census: Option<Arc<dyn Census>>) {
    let before = CURRENT.try_with(|current| current.replace(census));
    drop(before);
}

pub(super) fn note(context: &RequestContext) {
    let census = CURRENT.try_with(|current| current.borrow().clone());
    if let Ok(Some(census)) = census {
        census.made(context);
    }
}
