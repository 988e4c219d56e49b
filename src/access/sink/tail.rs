//! The end of a file that is there already.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;

/// The end of a file.
pub(super) struct Tail {
    /// The last line that is whole, without its line break.
    pub(super) line: Option<Vec<u8>>,
    /// Where it ends, with its line break.
    pub(super) whole_bytes: u64,
    /// What comes after it.
    pub(super) torn_bytes: u64,
}

const STEP: u64 = 16 << 10;

impl Tail {
    pub(super) fn of(file: &mut File) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut from = length;
        let mut bytes = Vec::new();
        loop {
            let mut breaks = bytes.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
            let last = breaks.next().map(|(at, _)| at);
            let before = breaks.next().map(|(at, _)| at);
            if before.is_some() || from == 0 {
                let end = last.map_or(0, |at| at + 1);
                let begin = before.map_or(0, |at| at + 1);
                return Ok(Self {
                    line: last.map(|last| bytes[begin..last].to_vec()),
                    whole_bytes: from + end as u64,
                    torn_bytes: (bytes.len() - end) as u64,
                });
            }
            // Ever more, so that the way back through what is torn takes no more than its length.
            let step = from.min(STEP.max(bytes.len() as u64));
            from -= step;
            file.seek(SeekFrom::Start(from))?;
            let mut more = Vec::new();
            Read::by_ref(file).take(step).read_to_end(&mut more)?;
            more.append(&mut bytes);
            bytes = more;
        }
    }
}
