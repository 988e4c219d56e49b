//! What a place for the lines of a trail has to do.

use super::Start;
use super::StartError;
use crate::access::chain::Chain;
use std::io;
use std::time::SystemTime;

/// Where the lines of a trail go: [`FileSink`](super::FileSink), or one of your own.
///
/// The writer of the trail has it to itself, on a thread of its own; it may block. It is dropped when
/// the trail is closed.
pub trait Sink: Send + 'static {
    /// Called once, before all others: makes ready, and says where the chain goes on.
    ///
    /// # Errors
    /// [`StartError`]; the trail is then not opened.
    fn start(&mut self, chain: &Chain) -> Result<Start, StartError>;

    /// Appends whole lines, each with its line break: all of them, or on an error none. The first
    /// one's sequence is `first`. What is appended survives this process, not yet the machine.
    ///
    /// # Errors
    /// Whatever stood in the way. The accesses of these lines fail; the next lines will have the same
    /// sequence.
    fn append(&mut self, lines: &[u8], first: u64, now: SystemTime) -> io::Result<()>;

    /// Makes everything that was appended survive the machine's failure too.
    ///
    /// # Errors
    /// Whatever stood in the way. It is not known then what of the lines since the last success will
    /// survive; they count as appended all the same.
    fn sync(&mut self) -> io::Result<()>;
}
