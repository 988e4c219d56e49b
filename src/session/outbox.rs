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
/// could never learn the token ([`is_too_late`](super::SessionError::is_too_late)). A rotation that the
/// store is being asked for at that moment has its token in the box already: the old one is probably
/// dead.
#[derive(Clone, Default)]
pub struct Outbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_closed: bool,
    outgoing: Option<Outgoing>,
    /// The token of a rotation that may be happening, or may have happened: it takes precedence.
    offered: Option<SessionToken>,
    /// The session of the token that was offered when the box was closed, and that was taken out.
    told: Option<SessionId>,
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
        let outgoing = state.outgoing.take();
        let Some(offered) = state.offered.take() else { return outgoing };
        state.told = Some(offered.session_id());
        Some(Outgoing::Token(offered))
    }

    /// Closes the box of a request that gets no response: what is in it nobody learns.
    #[cfg(feature = "tower-session")]
    pub(crate) fn give_up(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        (state.outgoing, state.offered) = (None, None);
    }

    /// Whether the client can still learn a token, or has learnt this one.
    pub(super) fn can_tell(&self, token: Option<&SessionToken>) -> bool {
        let state = self.lock();
        !state.is_closed || token.is_some_and(|token| state.has_told(token))
    }

    /// Has a head that is made from now on have this token, whatever comes of it. Whether it was not
    /// too late.
    pub(super) fn offer(&self, token: &SessionToken) -> bool {
        let mut state = self.lock();
        if !state.is_closed {
            state.offered = Some(token.copy());
        }
        !state.is_closed || state.has_told(token)
    }

    /// Takes back what was offered: the old token is good.
    pub(super) fn withdraw(&self, token: &SessionToken) {
        let mut state = self.lock();
        state.offered.take_if(|offered| offered == token);
    }

    /// Whether the client would be told the token of one of these sessions.
    pub(super) fn has_token_of(&self, sessions: &[SessionId]) -> bool {
        let state = self.lock();
        let outgoing = match &state.outgoing {
            Some(Outgoing::Token(token)) => Some(token),
            Some(Outgoing::Forget) | None => None,
        };
        let mut tokens = outgoing.into_iter().chain(&state.offered);
        tokens.any(|token| sessions.contains(&token.session_id()))
    }

    /// Whether it was not too late.
    pub(super) fn put(&self, outgoing: Outgoing) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            return matches!(&outgoing, Outgoing::Token(token) if state.has_told(token));
        }
        (state.outgoing, state.offered) = (Some(outgoing), None);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_told(&self, token: &SessionToken) -> bool {
        self.told.as_ref() == Some(&token.session_id())
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Outbox")
            .field("is_closed", &state.is_closed)
            .field("is_empty", &(state.outgoing.is_none() && state.offered.is_none()))
            .finish()
    }
}
