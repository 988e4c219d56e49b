//! Response bodies that do as they are told and write what is done to them.

use super::here;
use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use http_body_util::BodyExt;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Data(&'static str),
    Trailers,
    Error,
    /// Pending once, waking at once.
    Pending,
}

/// A body of given steps. By default it has no known length and does not tell its end beforehand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    size: SizeHint,
    tells_its_end: bool,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let mut script = Self::default();
        script.steps.extend(steps);
        script
    }

    pub(crate) fn exactly(mut self, bytes: u64) -> Self {
        self.size = SizeHint::with_exact(bytes);
        self
    }

    /// `is_end_stream` is true as soon as no step is left.
    pub(crate) fn telling_its_end(mut self) -> Self {
        self.tells_its_end = true;
        self
    }

    /// What is called, and where: "poll_frame in r-1".
    pub(crate) fn calls(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.calls)
    }

    fn note(&self, what: &str) {
        self.calls.lock().unwrap().push(format!("{what} in {}", here()));
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.note("poll_frame");
        Poll::Ready(match self.steps.pop_front() {
            None => None,
            Some(Step::Data(text)) => Some(Ok(Frame::data(Bytes::from(text)))),
            Some(Step::Trailers) => {
                let trailers =
                    HeaderMap::from_iter([("digest".parse().unwrap(), "abc".parse().unwrap())]);
                Some(Ok(Frame::trailers(trailers)))
            }
            Some(Step::Error) => Some(Err("the body failed")),
            Some(Step::Pending) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.note("is_end_stream");
        self.tells_its_end && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.note("size_hint");
        self.size
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.note("drop");
    }
}

/// The whole of a body, as text.
pub(crate) async fn text_of<B: Body<Error: Debug>>(body: B) -> String {
    let bytes = super::soon(body.collect()).await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}
