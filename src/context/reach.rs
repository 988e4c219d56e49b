//! How far a value travels when work leaves its scope.

/// A value of the user's own that a [`RequestContext`](crate::RequestContext) can hold, one of each
/// type.
///
/// Shared by every clone of the context, so it is read by reference; put a lock or an atomic inside
/// it where it has to change. How far it goes is part of its type:
///
/// ```
/// use request_context::{ContextValue, Reach, RequestContext};
///
/// /// Child work of the request sees it, detached work does not: the default.
/// struct Tenant(u32);
/// impl ContextValue for Tenant {}
///
/// /// An open transaction must not be used by two tasks at once.
/// struct Transaction;
/// impl ContextValue for Transaction {
///     const REACH: Reach = Reach::Scope;
/// }
///
/// let context = RequestContext::builder().insert(Tenant(7)).insert(Transaction).build();
/// context.sync_scope(|| {
///     let in_child = request_context::carry(|| {
///         let context = RequestContext::current();
///         (context.get::<Tenant>().map(|tenant| tenant.0), context.get::<Transaction>().is_some())
///     });
///     assert_eq!(in_child(), (Some(7), false));
/// });
/// ```
pub trait ContextValue: Send + Sync + 'static {
    /// How far values of this type travel.
    const REACH: Reach = Reach::Children;
}

/// How far a [`ContextValue`] travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// Only the scopes that are given the context itself: nothing that is carried, spawned or
    /// detached has it. For what two pieces of work must not use at once: a transaction, a lock.
    Scope,
    /// Also work that is part of the request: carried closures, futures, streams, spawned tasks.
    /// The default.
    Children,
    /// Also work that outlives the request, see
    /// [`RequestContext::detach`](crate::RequestContext::detach). For what is no authority: a
    /// locale, a deployment name.
    Beyond,
}
