//! The agent: a blocking call, a task and a stream make one reply, and none is told for whom.
//!
//! Each of them reaches [`Conversations`], which asks the current context whose conversation is
//! meant, four calls and more below the handler; and each writes a log line, on which the IDs of the
//! request stand by themselves.

use crate::conversation::ConversationError;
use crate::conversation::Conversations;
use crate::protocol::Message;
use crate::protocol::Rejection;
use crate::responder;
use futures::Stream;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::spawn;
use request_context::spawn_blocking;
use std::convert::Infallible;
use std::sync::Arc;
use tracing::info;
use tracing::warn;

/// Remembers the message and answers it.
pub(crate) async fn answer(
    conversations: Arc<Conversations>,
    message: Message,
) -> Result<impl Stream<Item = Result<String, Infallible>>, Rejection> {
    info!(message_id = message.id, "message received");
    store(&conversations, &message).await?;
    let text = think(&conversations, &message).await?;
    Ok(speak(conversations, message, &text))
}

/// Writes the message down, on the blocking pool, as a database driver or a file would need it.
async fn store(conversations: &Arc<Conversations>, message: &Message) -> Result<(), Rejection> {
    let (conversations, message) = (Arc::clone(conversations), message.clone());
    let stored = spawn_blocking(move || {
        info!(message_id = message.id, work = "blocking", in_context = in_context(), "stored");
        conversations.add_message(message.text)
    });
    Ok(stored.await??)
}

/// Makes up the reply, in a task, so that it goes on beside whatever else the handler does.
async fn think(conversations: &Arc<Conversations>, message: &Message) -> Result<String, Rejection> {
    let (conversations, message) = (Arc::clone(conversations), message.clone());
    let reply = spawn(async move {
        info!(message_id = message.id, work = "task", in_context = in_context(), "thought");
        let conversation = conversations.lines()?;
        Ok::<_, ConversationError>(responder::reply(&message.text, &conversation))
    });
    Ok(reply.await??)
}

/// Streams the reply. The server polls it after the handler has returned, and drops it unfinished
/// when the client leaves: both happen in the context that is current here.
fn speak(
    conversations: Arc<Conversations>,
    message: Message,
    text: &str,
) -> impl Stream<Item = Result<String, Infallible>> + use<> {
    let words = responder::stream_words(text, move |sent, unsent| {
        info!(
            message_id = message.id,
            work = "stream",
            in_context = in_context(),
            unsent,
            "spoken"
        );
        if let Err(error) = conversations.add_reply(sent) {
            warn!(message_id = message.id, %error, "reply not remembered");
        }
    });
    words.in_current_context()
}

/// Whether this code knows for whom it works. The driver counts the lines that say no.
fn in_context() -> bool {
    RequestContext::try_current().is_ok()
}
