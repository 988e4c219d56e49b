//! Where the lines of a trail go.

mod directory;
mod file_sink;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod sink;
mod start;
mod start_error;
mod tail;

pub use file_sink::FileSink;
pub use sink::Sink;
pub use start::Start;
pub use start_error::StartError;
