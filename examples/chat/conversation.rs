//! The conversations, held so that only its own session reaches each.

use request_context::MissingIdentity;
use request_context::RequestContext;
use request_context::SessionId;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;

const MAX_SESSIONS: usize = 10_000;
const MAX_LINES: usize = 200;

/// What was said in each session.
///
/// No method takes a session: which conversation is meant is asked of the current
/// [`RequestContext`], so no caller can name another one by mistake. What is full refuses; nothing
/// is thrown away to make room.
#[derive(Default)]
pub(crate) struct Conversations {
    by_session: Mutex<HashMap<SessionId, Vec<Line>>>,
}

/// One thing that was said.
#[derive(Clone)]
pub(crate) enum Line {
    User(String),
    Reply(String),
}

impl Conversations {
    /// Adds what the user said. There must be room for the reply as well.
    pub(crate) fn add_message(&self, text: String) -> Result<(), ConversationError> {
        self.add(Line::User(text), 2)
    }

    /// Adds what the user was told.
    pub(crate) fn add_reply(&self, text: String) -> Result<(), ConversationError> {
        self.add(Line::Reply(text), 1)
    }

    /// All that was said, the oldest first.
    pub(crate) fn lines(&self) -> Result<Vec<Line>, ConversationError> {
        self.with_own(|lines| lines.clone())
    }

    fn add(&self, line: Line, room: usize) -> Result<(), ConversationError> {
        self.with_own(|lines| {
            if lines.len() + room > MAX_LINES {
                return Err(ConversationError::Full);
            }
            lines.push(line);
            Ok(())
        })?
    }

    /// The only way to a conversation.
    fn with_own<R>(&self, f: impl FnOnce(&mut Vec<Line>) -> R) -> Result<R, ConversationError> {
        let context = RequestContext::current();
        let session = context.require_session().map_err(ConversationError::NoSession)?;
        let mut all = self.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MAX_SESSIONS && !all.contains_key(session) {
            return Err(ConversationError::TooManySessions);
        }
        Ok(f(all.entry(session.clone()).or_default()))
    }
}

/// Why a conversation is out of reach.
#[derive(Debug)]
pub(crate) enum ConversationError {
    NoSession(MissingIdentity),
    TooManySessions,
    Full,
}

impl fmt::Display for ConversationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSession(error) => error.fmt(f),
            Self::TooManySessions => {
                write!(f, "there are {MAX_SESSIONS} sessions already; try again later")
            }
            Self::Full => write!(f, "this conversation is full; start a new session"),
        }
    }
}

impl Error for ConversationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoSession(error) => Some(error),
            Self::TooManySessions | Self::Full => None,
        }
    }
}
