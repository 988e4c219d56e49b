//! Who decides.

use super::Question;
use super::Verdict;
use std::fmt;
use std::pin::Pin;

/// Decides whether something may be done.
///
/// Any `Fn(&Question) -> Verdict` is one. One that has to ask elsewhere answers
/// [`later`](Decided::later), by a future that owns what it needs:
///
/// ```
/// use request_context::access::policy::{Decide, Decided, Question, Verdict};
///
/// struct AskTheRegistry;
/// # async fn is_on_duty(user: &str) -> Result<bool, std::io::Error> { Ok(true) }
///
/// impl Decide for AskTheRegistry {
///     fn decide(&self, question: &Question<'_>) -> Decided {
///         let Some(user) = question.user().cloned() else {
///             return Verdict::deny("nobody is authenticated").into();
///         };
///         Decided::later(async move {
///             match is_on_duty(user.as_str()).await {
///                 Ok(true) => Verdict::allow(),
///                 Ok(false) => Verdict::deny("not on duty"),
///                 Err(error) => Verdict::failed(error), // which denies, and is on record
///             }
///         })
///     }
/// }
/// ```
///
/// A panic is a failure, so a denial, and on record. So is an answer that does not come within the
/// policy's [timeout](super::Policy::timeout).
pub trait Decide: Send + Sync + 'static {
    /// Decides, or begins to.
    fn decide(&self, question: &Question<'_>) -> Decided;

    /// Whether it is asked about [detached](crate::RequestContext::detach) work: no, unless it says
    /// so, and then such work is denied everything. One that says so has to look at
    /// [`Question::on_behalf_of`]: there is no user.
    fn decides_for_detached_work(&self) -> bool {
        false
    }
}

impl<F: Fn(&Question<'_>) -> Verdict + Send + Sync + 'static> Decide for F {
    fn decide(&self, question: &Question<'_>) -> Decided {
        self(question).into()
    }
}

/// The answer, or the way to it.
#[must_use = "an answer that is dropped decides nothing"]
pub enum Decided {
    /// The answer.
    Now(Verdict),
    /// The answer to come.
    Later(Pin<Box<dyn Future<Output = Verdict> + Send>>),
}

impl Decided {
    /// The answer comes from `verdict`. It is polled where
    /// [`authorize`](crate::access::authorize) is awaited, and dropped at the policy's
    /// [timeout](super::Policy::timeout).
    pub fn later(verdict: impl Future<Output = Verdict> + Send + 'static) -> Self {
        Self::Later(Box::pin(verdict))
    }
}

impl From<Verdict> for Decided {
    fn from(verdict: Verdict) -> Self {
        Self::Now(verdict)
    }
}

impl fmt::Debug for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(verdict) => f.debug_tuple("Now").field(verdict).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}
