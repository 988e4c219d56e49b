//! Requests of few users.

use request_context::RequestContext;
use request_context::TenantId;
use std::sync::Arc;
use std::sync::Mutex;

/// A request of `user` in `session`; either may be empty.
pub(crate) fn request(user: &str, session: &str) -> RequestContext {
    let mut builder = RequestContext::builder();
    if !user.is_empty() {
        builder = builder.user(user.parse().unwrap());
    }
    if !session.is_empty() {
        builder = builder.session(session.parse().unwrap());
    }
    builder.build()
}

/// The same, of a tenant.
pub(crate) fn of_tenant(tenant: &str, context: &RequestContext) -> RequestContext {
    context.to_builder().insert(tenant.parse::<TenantId>().unwrap()).build()
}

/// Anonymous, and in no session.
pub(crate) fn anonymous() -> RequestContext {
    RequestContext::new()
}

/// What was dropped, by name, and in whose context.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drops(Arc<Mutex<Vec<NameAndContext>>>);

type NameAndContext = (String, Option<RequestContext>);

impl Drops {
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn contexts(&self) -> Vec<Option<RequestContext>> {
        self.0.lock().unwrap().iter().map(|(_, context)| context.clone()).collect()
    }
}

/// Tells of its drop.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) drops: Drops,
}

impl Drop for Told {
    fn drop(&mut self) {
        let context = RequestContext::try_current().ok();
        self.drops.0.lock().unwrap().push((std::mem::take(&mut self.name), context));
    }
}

impl Told {
    /// Names it, and says whom to tell.
    pub(crate) fn name(&mut self, name: &str, drops: &Drops) {
        name.clone_into(&mut self.name);
        self.drops = drops.clone();
    }
}
