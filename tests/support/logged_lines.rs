//! A writer for a log layer, whose lines can be read back.

use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use tracing_subscriber::fmt::MakeWriter;

/// What was written, to this or to a clone of it.
#[derive(Clone, Default)]
pub(crate) struct LoggedLines(Arc<Mutex<Vec<u8>>>);

impl LoggedLines {
    /// As it was written.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// All lines until now, which are JSON.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl io::Write for LoggedLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LoggedLines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
