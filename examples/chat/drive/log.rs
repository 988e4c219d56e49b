//! The server's log, captured and compared with who really sent each message.

use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Takes the log into memory.
#[derive(Clone, Default)]
pub(super) struct CapturedLog {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl CapturedLog {
    pub(super) fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for CapturedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the log says.
///
/// During a drive, the modules of the servers log in requests only: so their lines are the lines
/// written inside a request, whatever else stands in them. Each names the message that it is about,
/// and the users name their messages after session and user: that tells whose IDs belong there.
#[derive(Default)]
pub(super) struct Audit {
    pub(super) lines: usize,
    pub(super) without_ids: usize,
    pub(super) foreign: usize,
    pub(super) foreign_sample: Option<String>,
    /// Tasks, blocking calls and streams.
    pub(super) work: usize,
    pub(super) lost_work: usize,
    /// The request that each message came in, as the lines say.
    requests: HashMap<String, String>,
    /// The message that came in each request, as the lines say.
    messages: HashMap<String, String>,
}

impl Audit {
    pub(super) fn of(log: &str) -> Self {
        let mut audit = Self::default();
        for line in log.lines() {
            // What is no JSON is a line that has no ID.
            audit.read(&serde_json::from_str(line).unwrap_or_default());
        }
        audit
    }

    /// How many messages have lines.
    pub(super) fn messages(&self) -> usize {
        self.requests.len()
    }

    fn read(&mut self, line: &Value) {
        if line["target"].as_str().is_some_and(|target| !target.starts_with("chat::")) {
            return;
        }
        self.lines += 1;
        let fields = &line["fields"];
        if fields["work"].is_string() {
            self.work += 1;
            self.lost_work += usize::from(fields["in_context"] != true);
        }
        let ids = ["request.id", "session.id", "user.id"].map(|name| find(line, name));
        self.without_ids += usize::from(ids.contains(&None));
        if let Some(message) = fields["message_id"].as_str() {
            self.compare(message, ids);
        }
    }

    /// Compares the IDs on a line with the sender of the message that it is about.
    fn compare(&mut self, message: &str, [request, session, user]: [Option<&str>; 3]) {
        let mut parts = message.split('.');
        let (sender, name) = (parts.next().unwrap_or(message), parts.next().unwrap_or(message));
        let is_of_sender =
            session.is_none_or(|session| session == sender) && user.is_none_or(|user| user == name);
        let is_of_request = self.is_request_of(message, request);
        if !(is_of_sender && is_of_request) {
            self.foreign += 1;
            let shown = user.unwrap_or("nobody");
            let sample = || format!("a line about a message of {name} said it was for {shown}");
            self.foreign_sample.get_or_insert_with(sample);
        }
    }

    /// Whether `message` and `request` belong together by all lines so far.
    fn is_request_of(&mut self, message: &str, request: Option<&str>) -> bool {
        let known = self.requests.entry(message.into()).or_default();
        let Some(request) = request else { return true };
        if known.is_empty() {
            *known = request.into();
        }
        let owner = self.messages.entry(request.into()).or_insert_with(|| message.into());
        known == request && owner == message
    }
}

/// An ID where the two formatters put it: at the top, or on a span as tracing-subscriber's does.
fn find<'a>(line: &'a Value, name: &str) -> Option<&'a str> {
    let spans = line["spans"].as_array().into_iter().flatten();
    let mut places = [line, &line["fields"]].into_iter().chain(spans);
    places.find_map(|place| place[name].as_str())
}
