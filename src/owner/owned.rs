//! A value sealed with its owner.

use super::error::OwnedError;
use super::owner::Owner;
use super::seal::Seal;
use crate::context::RequestContext;
use std::any::type_name;
use std::fmt;

/// A value sealed with its owner: whoever gets hold of it opens it only in a context of that owner.
///
/// For what passes through a place that all requests share: a cache, a queue, Redis. A key that was
/// built wrong, a reply that was mixed up, a worker that took the next message of anybody: the value
/// arrives at the wrong request, and stays shut.
///
/// # Whose it is
/// The seal names a tenant, a user and a session, as many as the context has. It opens where the
/// tenant is the same (or there is none, as there was none), and the user and the session too, as far
/// as it names them. So what is sealed in a session opens in that session alone, also if the user has
/// others; what an anonymous visitor sealed opens in the same session after a login; what was sealed
/// for a user [in no session](Self::for_user) opens in all sessions of that user.
///
/// A context with neither user nor session is nobody's and owns nothing, so that no anonymous request
/// can see what another one left: sealing is refused there. A tenant is not a person, so it alone is
/// not enough either.
///
/// The names are compared with the context at each opening, and a context whose session is
/// [over](RequestContext::is_revoked) opens nothing and seals nothing. What was opened is a plain
/// reference: it is not looked at again.
///
/// ```
/// use request_context::RequestContext;
/// use request_context::owner::Owned;
///
/// let ada = RequestContext::builder().user("ada".parse()?).build();
/// let bob = RequestContext::builder().user("bob".parse()?).build();
///
/// let report = ada.clone().sync_scope(|| Owned::new("blood group A".to_owned()));
///
/// assert_eq!(ada.sync_scope(|| report.open().clone()), "blood group A");
/// assert!(bob.sync_scope(|| report.try_open().is_err_and(|error| error.is_other_owner())));
/// # Ok::<_, request_context::InvalidId>(())
/// ```
///
/// There is no way around the seal: an `Owned` does not deref, prints only its type, and does not
/// compare.
///
/// ```compile_fail,E0614
/// # use request_context::owner::Owned;
/// fn peek(report: &Owned<u32>) -> u32 {
///     **report
/// }
/// ```
/// ```compile_fail,E0277
/// # use request_context::owner::Owned;
/// fn print(report: &Owned<String>) -> String {
///     format!("{report}")
/// }
/// ```
/// ```compile_fail,E0369
/// # use request_context::owner::Owned;
/// fn guess(report: &Owned<u32>, guess: &Owned<u32>) -> bool {
///     report == guess
/// }
/// ```
/// What these mean to do is to open it:
/// ```
/// # use request_context::owner::Owned;
/// fn peek(report: &Owned<u32>) -> u32 {
///     *report.open()
/// }
/// fn print(report: &Owned<String>) -> String {
///     format!("{}", report.open())
/// }
/// fn guess(report: &Owned<u32>, guess: &Owned<u32>) -> bool {
///     report.open() == guess.open()
/// }
/// ```
///
/// # With serde
/// The serialised form is a struct of `tenant`, `user`, `session` and `value`, so what comes back
/// from a cache or from Redis knows whose it is, and is sealed. To serialise is to show the value, so
/// it is refused where opening is; write from the owner's context. To deserialise works anywhere,
/// and takes exactly these four fields. If something else was read, the error does not quote it: it may
/// be anybody's. The seal guards against mistakes, not against forgery: who can write to the cache can
/// write a seal.
#[derive(Clone)]
#[must_use = "a sealed value that is dropped is lost"]
pub struct Owned<T> {
    seal: Seal,
    value: T,
}

impl<T> Owned<T> {
    /// Seals `value` for whom the current context is for: its user and its session.
    ///
    /// # Panics
    /// Outside a scope, if the context has neither user nor session, and if its session is over.
    #[track_caller]
    pub fn new(value: T) -> Self {
        loud(Self::try_new(value))
    }

    /// Seals `value` for whom the current context is for: its user and its session.
    ///
    /// # Errors
    /// [Outside](OwnedError::is_outside) a scope; with neither user nor session
    /// ([missing](OwnedError::is_missing_identity)); if the session is over
    /// ([revoked](OwnedError::is_revoked)).
    pub fn try_new(value: T) -> Result<Self, OwnedError> {
        Seal::current(|context| Ok(Owner::of(context))).map(|seal| Self { seal, value })
    }

    /// Seals `value` for the user of the current context, in whichever session.
    ///
    /// # Panics
    /// Outside a scope, if the context has no user, and if its session is over.
    #[track_caller]
    pub fn for_user(value: T) -> Self {
        loud(Self::try_for_user(value))
    }

    /// Seals `value` for the user of the current context, in whichever session.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new), and if the context has no user
    /// ([missing](OwnedError::is_missing_identity)).
    pub fn try_for_user(value: T) -> Result<Self, OwnedError> {
        let of_user = |context: &RequestContext| {
            context.require_user()?;
            Ok(Owner::of(context).without_session())
        };
        Seal::current(of_user).map(|seal| Self { seal, value })
    }

    /// Seals `value` for the session of the current context, which it must have.
    ///
    /// # Panics
    /// Outside a scope, if the context has no session, and if the session is over.
    #[track_caller]
    pub fn for_session(value: T) -> Self {
        loud(Self::try_for_session(value))
    }

    /// Seals `value` for the session of the current context, which it must have.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new), and if the context has no session
    /// ([missing](OwnedError::is_missing_identity)).
    pub fn try_for_session(value: T) -> Result<Self, OwnedError> {
        let of_session = |context: &RequestContext| {
            context.require_session()?;
            Ok(Owner::of(context))
        };
        Seal::current(of_session).map(|seal| Self { seal, value })
    }

    /// Seals `value` for `owner`, in any context or none: for work that prepares something for
    /// somebody else.
    ///
    /// # Panics
    /// If the owner has neither user nor session.
    #[track_caller]
    pub fn sealed_for(owner: Owner, value: T) -> Self {
        loud(Self::try_sealed_for(owner, value))
    }

    /// Seals `value` for `owner`, in any context or none: for work that prepares something for
    /// somebody else.
    ///
    /// # Errors
    /// If the owner has neither user nor session ([missing](OwnedError::is_missing_identity)).
    pub fn try_sealed_for(owner: Owner, value: T) -> Result<Self, OwnedError> {
        Seal::new(owner).map(|seal| Self { seal, value })
    }

    /// The value.
    ///
    /// # Panics
    /// Where [`try_open`](Self::try_open) fails.
    #[must_use]
    #[track_caller]
    pub fn open(&self) -> &T {
        loud(self.try_open())
    }

    /// The value.
    ///
    /// # Errors
    /// [Outside](OwnedError::is_outside) a scope; in a context that is for
    /// [somebody else](OwnedError::is_other_owner); if its session is over
    /// ([revoked](OwnedError::is_revoked)).
    pub fn try_open(&self) -> Result<&T, OwnedError> {
        self.seal.check().map(|()| &self.value)
    }

    /// The value, to change.
    ///
    /// # Panics
    /// Where [`try_open`](Self::try_open) fails.
    #[must_use]
    #[track_caller]
    pub fn open_mut(&mut self) -> &mut T {
        loud(self.try_open_mut())
    }

    /// The value, to change.
    ///
    /// # Errors
    /// As [`try_open`](Self::try_open).
    pub fn try_open_mut(&mut self) -> Result<&mut T, OwnedError> {
        self.seal.check().map(|()| &mut self.value)
    }

    /// The value, without its seal.
    ///
    /// # Panics
    /// Where [`try_open`](Self::try_open) fails; the value is dropped.
    #[must_use]
    #[track_caller]
    pub fn into_inner(self) -> T {
        loud(self.try_into_inner())
    }

    /// The value, without its seal. Where that fails the value is dropped.
    ///
    /// # Errors
    /// As [`try_open`](Self::try_open).
    pub fn try_into_inner(self) -> Result<T, OwnedError> {
        self.seal.check().map(|()| self.value)
    }

    pub(super) fn from_parts(seal: Seal, value: T) -> Self {
        Self { seal, value }
    }

    pub(super) fn seal(&self) -> &Seal {
        &self.seal
    }
}

/// The type of the value, and neither the value nor its owner.
impl<T> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Owned<{}>", type_name::<T>())
    }
}

/// What was found, or the panic at the caller's line, which a closure would take for its own.
#[track_caller]
fn loud<T>(found: Result<T, OwnedError>) -> T {
    match found {
        Ok(value) => value,
        Err(error) => error.panic(),
    }
}
