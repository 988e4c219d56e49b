//! `Visitor`: one of the users that the kit plays.

use super::reply::Reply;
use crate::context::RequestContext;
use crate::testing::canary::Canaries;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// One of the users that the kit plays: a session, with data that no other one has.
///
/// Cloning it is cheap, and both are the same visitor.
#[derive(Clone)]
pub struct Visitor {
    number: usize,
    request: usize,
    canaries: Arc<Canaries>,
    login: Arc<Mutex<Option<Reply>>>,
}

impl Visitor {
    pub(super) fn new(number: usize, canaries: Arc<Canaries>) -> Self {
        Self { number, request: 0, canaries, login: Arc::default() }
    }

    /// Its number, from 0.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The number of the request that is to be sent now, from 0.
    #[must_use]
    pub fn request(&self) -> usize {
        self.request
    }

    /// The visitor's own value of this name: whoever else is shown it, was shown what is not theirs.
    ///
    /// Any name will do; `email` is an address, and others are tokens of letters and digits, unless
    /// [`LeakTest::canary`](super::LeakTest::canary) says otherwise.
    #[must_use]
    pub fn canary(&self, name: &str) -> String {
        self.canaries.plant(self.number, name)
    }

    /// What the login was answered with, once it was.
    #[must_use]
    pub fn login_reply(&self) -> Option<Reply> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A fresh context of this visitor's user, to test an async fn in that asks for one.
    #[must_use]
    pub fn context(&self) -> RequestContext {
        let builder = RequestContext::builder();
        match self.canary("user").parse() {
            Ok(user) => builder.user(user).build(),
            Err(_) => builder.build(),
        }
    }

    pub(super) fn at(&self, request: usize) -> Self {
        Self { request, ..self.clone() }
    }

    pub(super) fn logged_in(&self, reply: Reply) {
        *self.login.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, request, .. } = self;
        f.debug_struct("Visitor")
            .field("number", number)
            .field("request", request)
            .finish_non_exhaustive()
    }
}
