//! The floor of a permit: what one promises, written by hand for one kind of resource and three rules
//! that are code, in a context that has a field for everything.

use request_context::UserId;
use request_context::access::Action;
use request_context::access::Resource;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

tokio::task_local! {
    pub static CURRENT: Arc<Request>;
}

/// For whom the code works.
pub struct Request {
    pub user: Option<UserId>,
    pub roles: Vec<String>,
    pub is_over: AtomicBool,
}

/// Why there is no permit, or it does not hold.
#[derive(Debug)]
pub enum Refused {
    Outside,
    Over,
    Denied,
    OtherRequest,
}

#[expect(dead_code, reason = "as much as a permit has to remember")]
pub struct Permit<R> {
    given_to: Arc<Request>,
    action: Action,
    resource: R,
    source: &'static Location<'static>,
}

/// Like `authorize`: denies by default, and tells whoever follows the log.
#[track_caller]
pub fn authorize<R: Resource + Clone>(
    action: Action,
    resource: &R,
    treats: impl Fn(&UserId, &R) -> bool,
) -> Result<Permit<R>, Refused> {
    let given_to = CURRENT.try_with(Arc::clone).map_err(|_| Refused::Outside)?;
    if given_to.is_over.load(Ordering::Acquire) {
        return Err(Refused::Over);
    }
    let user = given_to.user.as_ref().ok_or(Refused::Denied)?;
    let owner = resource.owner();
    let is_doctor = || given_to.roles.iter().any(|role| role == "doctor");
    let is_allowed = owner.tenant_id().is_none()
        && action == Action::Read
        && (owner.user_id() == Some(user) || is_doctor() && treats(user, resource));
    if !is_allowed {
        tracing::warn!(action = action.name(), resource.r#type = R::TYPE, "denied");
        return Err(Refused::Denied);
    }
    tracing::info!(action = action.name(), resource.r#type = R::TYPE, "allowed");
    Ok(Permit { given_to, action, resource: resource.clone(), source: Location::caller() })
}

impl<R> Permit<R> {
    /// Like `Permit::resource`.
    pub fn resource(&self) -> Result<&R, Refused> {
        CURRENT
            .try_with(|current| {
                if !Arc::ptr_eq(current, &self.given_to) {
                    Err(Refused::OtherRequest)
                } else if current.is_over.load(Ordering::Acquire) {
                    Err(Refused::Over)
                } else {
                    Ok(&self.resource)
                }
            })
            .unwrap_or(Err(Refused::Outside))
    }
}
