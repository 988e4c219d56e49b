//! What the client has to learn of its session, until the head of the response is sent.

use super::token::SessionToken;
use crate::context::SessionId;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// What the client of one request has to learn of its session. The handles of the request put it in;
/// the session layer [closes](Self::close) the box when it makes the head of the response. A clone is
/// the same box.
///
/// Once it is closed no session can be begun or rotated in this request any more, since the client
/// could never learn the token ([`is_too_late`](super::SessionError::is_too_late)).
#[derive(Clone, Default)]
pub struct Outbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_closed: bool,
    outgoing: Option<Outgoing>,
}

/// What the client has to learn.
#[derive(Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// The token of its session from now on.
    Token(SessionToken),
    /// That it has no session any more: it may forget the token.
    Forget,
}

impl Outbox {
    /// An open, empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes the box and takes out what is in it, the last of several.
    #[must_use = "what is not sent to the client now, it never learns"]
    pub fn close(&self) -> Option<Outgoing> {
        let mut state = self.lock();
        state.is_closed = true;
        state.outgoing.take()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Whether the client would be told the token of one of these sessions.
    pub(super) fn has_token_of(&self, sessions: &[SessionId]) -> bool {
        match &self.lock().outgoing {
            Some(Outgoing::Token(token)) => sessions.contains(&token.session_id()),
            Some(Outgoing::Forget) | None => false,
        }
    }

    /// Whether it was not too late.
    pub(super) fn put(&self, outgoing: Outgoing) -> bool {
        let mut state = self.lock();
        if !state.is_closed {
            state.outgoing = Some(outgoing);
        }
        !state.is_closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Outbox")
            .field("is_closed", &state.is_closed)
            .field("is_empty", &state.outgoing.is_none())
            .finish()
    }
}
