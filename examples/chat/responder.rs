//! The local responder: it stands where a language model would be, and knows nothing of requests.

use crate::conversation::Line;
use futures::Stream;
use futures::stream;
use std::convert::Infallible;
use std::mem;
use std::time::Duration;
use std::vec;
use tokio::time::sleep;

const PAUSE: Duration = Duration::from_millis(2);
const INTRODUCTION: &str = "my name is ";

/// What to say to `message`, the last one of `conversation`.
pub(crate) fn reply(message: &str, conversation: &[Line]) -> String {
    let question = message.to_lowercase();
    if let Some(name) = introduced_name(message) {
        format!("Nice to meet you, {name}. I shall remember your name.")
    } else if question.contains("what is my name") {
        match last_name(conversation) {
            Some(name) => format!("Your name is {name}."),
            None => "I do not know yet: you have not told me your name.".into(),
        }
    } else if question.contains("what did you say") {
        format!("I said: {}", last_reply(conversation).unwrap_or("nothing yet."))
    } else {
        "That is a good question, and I shall think about it.".into()
    }
}

fn last_name(conversation: &[Line]) -> Option<&str> {
    conversation.iter().rev().find_map(|line| match line {
        Line::User(text) => introduced_name(text),
        Line::Reply(_) => None,
    })
}

fn introduced_name(message: &str) -> Option<&str> {
    let (start, name) = message.trim().split_at_checked(INTRODUCTION.len())?;
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    (start.eq_ignore_ascii_case(INTRODUCTION) && !name.is_empty()).then_some(name)
}

fn last_reply(conversation: &[Line]) -> Option<&str> {
    conversation.iter().rev().find_map(|line| match line {
        Line::User(_) => None,
        Line::Reply(text) => Some(text.as_str()),
    })
}

/// Streams `text` word by word, as a model would.
///
/// At the end, or when the stream is dropped before, `ended` gets what was sent of the text, and how
/// many words were not. The last word waits for what `ended` returns.
pub(crate) fn stream_words<F, E>(
    text: &str,
    ended: F,
) -> impl Stream<Item = Result<String, Infallible>> + use<F, E>
where
    F: FnOnce(String, usize) -> E,
    E: Future,
{
    let words: Vec<_> = text.split_inclusive(' ').map(String::from).chain(["\n".into()]).collect();
    let speech = Speech { sent: String::new(), unsent: words.into_iter(), ended: Some(ended) };
    stream::unfold(speech, Speech::next)
}

struct Speech<F: FnOnce(String, usize) -> E, E> {
    sent: String,
    unsent: vec::IntoIter<String>,
    ended: Option<F>,
}

impl<F: FnOnce(String, usize) -> E, E: Future> Speech<F, E> {
    async fn next(mut self) -> Option<(Result<String, Infallible>, Self)> {
        sleep(PAUSE).await;
        let word = self.unsent.next()?;
        self.sent.push_str(&word);
        if self.unsent.len() == 0
            && let Some(ended) = self.ended.take()
        {
            ended(mem::take(&mut self.sent), 0).await;
        }
        Some((Ok(word), self))
    }
}

impl<F: FnOnce(String, usize) -> E, E> Drop for Speech<F, E> {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take() {
            drop(ended(mem::take(&mut self.sent), self.unsent.len()));
        }
    }
}
