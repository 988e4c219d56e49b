//! The agent: a blocking call, a task and a stream make one reply, and none is told for whom.
//!
//! Each of them reaches its `conversation`, which asks the current context whose it is, four calls and
//! more below the handler; and each writes a log line, on which the IDs of the request stand by
//! themselves.

use crate::conversation;
use crate::conversation::Line;
use crate::protocol::Message;
use crate::protocol::Rejection;
use crate::responder;
use futures::Stream;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::session::SessionError;
use request_context::spawn;
use request_context::spawn_blocking;
use std::convert::Infallible;
use tracing::info;
use tracing::warn;

/// Remembers the message and answers it.
pub(crate) async fn answer(
    message: Message,
) -> Result<impl Stream<Item = Result<String, Infallible>>, Rejection> {
    info!(message_id = message.id, "message received");
    weigh(&message).await?;
    conversation::add(Line::User(message.text.clone())).await?;
    let text = think(&message).await?;
    Ok(speak(message, &text))
}

/// Counts what the message costs, on the blocking pool, as a tokenizer would need it.
async fn weigh(message: &Message) -> Result<(), Rejection> {
    let message = message.clone();
    let weighed = spawn_blocking(move || {
        let words = message.text.split_whitespace().count();
        info!(
            message_id = message.id,
            work = "blocking",
            in_context = in_context(),
            words,
            "weighed"
        );
    });
    Ok(weighed.await?)
}

/// Makes up the reply, in a task, so that it goes on beside whatever else the handler does.
async fn think(message: &Message) -> Result<String, Rejection> {
    let message = message.clone();
    let reply = spawn(async move {
        info!(message_id = message.id, work = "task", in_context = in_context(), "thought");
        let conversation = conversation::lines().await?;
        Ok::<_, SessionError>(responder::reply(&message.text, &conversation))
    });
    Ok(reply.await??)
}

/// Streams the reply. The server polls it after the handler has returned, and drops it unfinished
/// when the client leaves: both happen in the context that is current here.
fn speak(message: Message, text: &str) -> impl Stream<Item = Result<String, Infallible>> + use<> {
    let words = responder::stream_words(text, move |sent, unsent| {
        info!(
            message_id = message.id,
            work = "stream",
            in_context = in_context(),
            unsent,
            "spoken"
        );
        // A task, since a stream that is dropped waits for nothing. The session may be written long
        // after the response, as long as it lasts.
        spawn(async move {
            if let Err(error) = conversation::add(Line::Reply(sent)).await {
                warn!(message_id = message.id, %error, "reply not remembered");
            }
        })
    });
    words.in_current_context()
}

/// Whether this code knows for whom it works. The driver counts the lines that say no.
fn in_context() -> bool {
    RequestContext::try_current().is_ok()
}
