//! Closures in the context and span that were current when they were carried.

use super::capture::Capture;
use super::held::Held;
use crate::context::NoContext;

/// Carries `f`: it runs in the context and span that are current at this call.
///
/// For whatever takes a closure: [`std::thread::spawn`] and scoped threads, rayon, a blocking pool,
/// a callback. What `f` captured is dropped in the context too, also if it is never called.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::carry;
///
/// let context = RequestContext::new();
/// let id = context.request_id().clone();
/// let thread = context.sync_scope(|| {
///     std::thread::spawn(carry(|| RequestContext::current().request_id().clone()))
/// });
/// assert_eq!(thread.join().unwrap(), id);
/// ```
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_carry`] returns an error instead.
#[track_caller]
pub fn carry<R>(f: impl FnOnce() -> R) -> impl FnOnce() -> R {
    once(Capture::current(), f)
}

/// Carries `f`, as [`carry`] does.
///
/// # Errors
/// [`NoContext`] outside a scope.
pub fn try_carry<R>(f: impl FnOnce() -> R) -> Result<impl FnOnce() -> R, NoContext> {
    Capture::try_current().map(|capture| once(capture, f))
}

/// Carries a closure that is called many times and changes what it captured.
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_carry_mut`] returns an error instead.
#[track_caller]
pub fn carry_mut<A, R>(f: impl FnMut(A) -> R) -> impl FnMut(A) -> R {
    many_mut(Capture::current(), f)
}

/// Carries `f`, as [`carry_mut`] does.
///
/// # Errors
/// [`NoContext`] outside a scope.
pub fn try_carry_mut<A, R>(f: impl FnMut(A) -> R) -> Result<impl FnMut(A) -> R, NoContext> {
    Capture::try_current().map(|capture| many_mut(capture, f))
}

/// Carries a closure that may be called many times, also at once where `f` may.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::carry_fn;
/// use rayon::prelude::*;
///
/// let context = RequestContext::new();
/// let ids: Vec<_> = context.clone().sync_scope(|| {
///     let id_of_this = carry_fn(|_| RequestContext::current().request_id().clone());
///     (0..100).into_par_iter().map(id_of_this).collect()
/// });
/// assert!(ids.iter().all(|id| id == context.request_id()));
/// ```
///
/// # Panics
/// Outside a scope, at the caller's line. [`try_carry_fn`] returns an error instead.
#[track_caller]
pub fn carry_fn<A, R>(f: impl Fn(A) -> R) -> impl Fn(A) -> R {
    many(Capture::current(), f)
}

/// Carries `f`, as [`carry_fn`] does.
///
/// # Errors
/// [`NoContext`] outside a scope.
pub fn try_carry_fn<A, R>(f: impl Fn(A) -> R) -> Result<impl Fn(A) -> R, NoContext> {
    Capture::try_current().map(|capture| many(capture, f))
}

fn once<R>(capture: Capture, f: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let held = Held::new(Some(capture), f);
    move || held.enter_once(|f| f())
}

fn many_mut<A, R>(capture: Capture, f: impl FnMut(A) -> R) -> impl FnMut(A) -> R {
    let mut held = Held::new(Some(capture), f);
    move |argument| held.enter_mut(|f| f(argument))
}

fn many<A, R>(capture: Capture, f: impl Fn(A) -> R) -> impl Fn(A) -> R {
    let held = Held::new(Some(capture), f);
    move |argument| held.enter(|f| f(argument))
}
