//! The conversations: each in its session, which alone reaches it.

use request_context::session::ListName;
use request_context::session::Session;
use request_context::session::SessionError;
use serde::Deserialize;
use serde::Serialize;

pub(crate) const MAX_LINES: usize = 200;
const LINES: ListName = ListName::literal("lines");

/// One thing that was said.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) enum Line {
    User(String),
    Reply(String),
}

/// Adds a line to the conversation.
///
/// Nothing here takes a session: whose conversation is meant is asked of the current context, so no
/// caller can name another one by mistake. Of several lines at once none is lost, and what is full
/// refuses.
pub(crate) async fn add(line: Line) -> Result<(), SessionError> {
    Session::current().append(&LINES, &line).await?;
    Ok(())
}

/// All that was said, the oldest first.
pub(crate) async fn lines() -> Result<Vec<Line>, SessionError> {
    Ok(Session::current().range(&LINES, 0..MAX_LINES as u64).await?.items)
}
