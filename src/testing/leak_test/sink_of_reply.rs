//! Looking into each part of a reply.

use super::exchange::sink_of_header;
use super::fault::Fault;
use super::reply::Reply;
use crate::testing::canary::DecodedBody;
use crate::testing::report::StoryStep;
use crate::testing::schedule::BY_THE_KIT;
use crate::testing::sinks::Observer;
use crate::testing::sinks::Place;
use crate::testing::sinks::Sink;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_TYPE;
use std::error::Error;
use std::sync::Arc;

/// Looks into the sinks of one request.
pub(super) struct LookAtReply {
    pub(super) observer: Arc<Observer>,
    pub(super) session: usize,
    pub(super) request: Option<usize>,
}

impl LookAtReply {
    fn into(&self, sink: Sink, name: &str, bytes: &[u8]) {
        let place = Place { seer: Some(self.session), sink, name, request: self.request };
        self.observer.look(place, bytes);
    }

    /// What stands in the status line beside the number, where that is not the usual text.
    pub(super) fn reason(&self, reason: &[u8]) {
        self.into(Sink::Status, "", reason);
    }

    pub(super) fn head(&self, reply: &Reply) {
        self.observer.board.tell(|| StoryStep::Receives(reply.status.to_string()));
        match &reply.error {
            None => self.observer.note_outcome(reply.status.to_string(), true),
            Some(error) => {
                self.observer.note_outcome("an error".to_owned(), true);
                self.into(Sink::Error, "", error.as_bytes());
            }
        }
        self.headers(&reply.headers);
    }

    fn headers(&self, headers: &HeaderMap) {
        for (name, value) in headers {
            self.into(sink_of_header(name), name.as_str(), value.as_bytes());
        }
    }

    pub(super) fn chunk(&self, data: &[u8]) {
        self.into(Sink::Chunk, "", data);
    }

    /// One message of a WebSocket.
    pub(super) fn message(&self, data: &[u8]) {
        self.into(Sink::WebSocket, "", data);
    }

    pub(super) fn trailers(&self, trailers: Option<&HeaderMap>) {
        for (name, value) in trailers.into_iter().flatten() {
            self.into(Sink::Trailer, name.as_str(), value.as_bytes());
        }
    }

    /// The whole body.
    pub(super) fn body(&self, reply: &Reply) {
        if reply.body.is_empty() {
            return;
        }
        let header = |name| reply.headers.get(name).and_then(|value| value.to_str().ok());
        let encoding = header(CONTENT_ENCODING).unwrap_or_default();
        let decoded = DecodedBody::decode(encoding, &reply.body, DecodedBody::LIMIT);
        if let Some(error) = decoded.error() {
            self.observer.note_text(format!("the rest of a body was not searched: {error}"));
        }
        let body = decoded.bytes();
        self.into(Sink::Body, "", body);
        if header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/event-stream")) {
            let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
            for event in text.split("\n\n").filter(|event| !event.is_empty()) {
                self.into(Sink::ServerSentEvent, "", event.as_bytes());
            }
        }
    }

    pub(super) fn error(&self, error: &(dyn Error + 'static)) {
        self.observer.note_outcome("an error".to_owned(), false);
        let mut cause = Some(error);
        while let Some(error) = cause {
            self.into(Sink::Error, "", error.to_string().as_bytes());
            cause = error.source();
        }
    }

    /// Of a body that went on for longer than a client reads.
    pub(super) fn endless(&self) {
        let note = "a response body did not end: its client left it after a minute, 4,096 frames or \
                    16 MiB; what came until then was searched";
        self.observer.note_text(note.to_owned());
        self.observer.board.tell(|| {
            StoryStep::Fault("the response body does not end: the client leaves it".to_owned())
        });
    }

    pub(super) fn panic(&self, message: &str) {
        if message == BY_THE_KIT {
            return self.dropped(None);
        }
        self.observer.note_outcome("a panic".to_owned(), false);
        self.observer.note_panic(message);
        self.observer.board.tell(|| StoryStep::Fault("it panics".to_owned()));
        self.into(Sink::Panic, "", message.as_bytes());
    }

    pub(super) fn dropped(&self, fault: Option<Fault>) {
        self.observer.note_outcome("dropped by the test".to_owned(), false);
        if let Some(fault) = fault {
            self.observer.board.tell(|| StoryStep::Fault(fault.told().to_owned()));
        }
    }
}
