//! The lines of a trail in files.

use super::Sink;
use super::Start;
use super::StartError;
use super::directory;
use super::directory::Directory;
use super::tail::Tail;
use crate::access::chain::Chain;
use crate::access::chain::Head;
use crate::access::encode::Utc;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

/// The lines of a trail in the files of one directory, append only:
/// `trail-<sequence of the first record>-<day>.jsonl`, so that the order of the names is the order of
/// the records. The chain goes on from file to file.
///
/// A new file is begun where the old one would exceed [`max_bytes`](Self::max_bytes), with each new
/// UTC day, and after a sync that failed. No file is ever removed. The directory is locked
/// (`trail.lock`) as long as the trail is open. On unix, only the owner can read the files.
///
/// If somebody else has written to the file, cut it off or, on unix, removed it, that is noticed
/// before the next write, which fails; the one after that begins a new file.
#[derive(Debug)]
#[must_use = "it does nothing until it is given to `TrailBuilder::open`"]
pub struct FileSink {
    path: PathBuf,
    max_bytes: u64,
    started: Option<Started>,
}

#[derive(Debug)]
struct Started {
    directory: Directory,
    /// None before the first record.
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    file: File,
    day: String,
    /// Up to here the file consists of whole lines.
    bytes: u64,
    /// A write failed, and what it left could not be cut off yet.
    is_torn: bool,
    /// A sync failed: the kernel may have dropped lines and call the next sync a success. Or somebody
    /// else has changed the file.
    is_in_doubt: bool,
}

impl FileSink {
    /// Files in this directory, which is made if it is not there.
    pub fn in_dir(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), max_bytes: 64 << 20, started: None }
    }

    /// Begins a new file rather than let one become larger: 64 MiB unless set. What is written at
    /// once stays together, so a file can be larger if that alone is.
    pub fn max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }
}

impl Sink for FileSink {
    fn start(&mut self, chain: &Chain) -> Result<Start, StartError> {
        let directory = Directory::lock(&self.path)?;
        let files = directory.files().map_err(|error| StartError::io(&self.path, error))?;
        let (mut head, mut torn_bytes) = (Head::genesis(), 0);
        let mut current = None;
        // The newest file is empty if there was no room for its first line.
        for path in files.iter().rev() {
            let (file, tail) = repaired(path).map_err(|error| StartError::io(path, error))?;
            torn_bytes += tail.torn_bytes;
            if let Some(line) = &tail.line {
                head = chain.head_after(line).ok_or_else(|| StartError::broken(path))?;
            }
            if current.is_none() {
                current = Some(Current::new(file, path, tail.whole_bytes));
            }
            if tail.line.is_some() {
                break;
            }
        }
        // Who wrote before may have been killed before the newest name was sure to survive.
        directory.sync().map_err(|error| StartError::io(&self.path, error))?;
        self.started = Some(Started { directory, current });
        let start = Start::after(head);
        Ok(if torn_bytes > 0 { start.with_torn(torn_bytes) } else { start })
    }

    fn append(&mut self, lines: &[u8], first: u64, now: SystemTime) -> io::Result<()> {
        let started = self.started.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let day = Utc::of(now);
        let day = day.day();
        match &mut started.current {
            Some(current) if current.has_room(lines, day, self.max_bytes) => current.append(lines),
            _ => started.append_to_new(lines, first, day),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.started.as_mut().and_then(|started| started.current.as_mut()) {
            Some(current) => current.sync(),
            None => Ok(()),
        }
    }
}

impl Started {
    fn append_to_new(&mut self, lines: &[u8], first: u64, day: &str) -> io::Result<()> {
        if let Some(current) = &mut self.current {
            current.cut_off_torn()?;
            if !current.is_in_doubt {
                current.sync()?;
            }
        }
        let file = self.directory.create(first, day)?;
        if file.metadata()?.len() > 0 {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // Before it is gone on with: if this fails, the next write tries it again.
        self.directory.sync()?;
        let day = day.to_owned();
        let new = Current { bytes: 0, day, is_torn: false, is_in_doubt: false, file };
        self.current.insert(new).append(lines)
    }
}

impl Current {
    fn new(file: File, path: &Path, bytes: u64) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        let day = name.and_then(directory::day_of).unwrap_or_default().to_owned();
        Self { file, day, bytes, is_torn: false, is_in_doubt: false }
    }

    /// A clock that goes back begins no new day.
    fn has_room(&self, lines: &[u8], day: &str, max_bytes: u64) -> bool {
        let is_full = self.bytes > 0 && self.bytes + lines.len() as u64 > max_bytes;
        !is_full && !self.is_in_doubt && day <= self.day.as_str()
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.cut_off_torn()?;
        self.check_untouched()?;
        let written = self.file.write_all(lines);
        if written.is_err() {
            self.is_torn = true;
            // If that fails too, it is tried again before the next write.
            let _ = self.cut_off_torn();
            return written;
        }
        self.bytes += lines.len() as u64;
        Ok(())
    }

    /// What is appended to a file that nobody can find any more would be lost without a word.
    fn check_untouched(&mut self) -> io::Result<()> {
        let metadata = self.file.metadata()?;
        if metadata.len() == self.bytes && !directory::is_removed(&metadata) {
            return Ok(());
        }
        self.is_in_doubt = true;
        Err(io::Error::other("somebody else has changed or removed the file of the trail"))
    }

    fn cut_off_torn(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let synced = self.file.sync_data();
        self.is_in_doubt |= synced.is_err();
        synced
    }
}

/// Opens the file and cuts off a last line that is not whole.
fn repaired(path: &Path) -> io::Result<(File, Tail)> {
    let mut file = directory::open(path, false)?;
    let tail = Tail::of(&mut file)?;
    if tail.torn_bytes > 0 {
        file.set_len(tail.whole_bytes)?;
        file.sync_all()?;
    }
    Ok((file, tail))
}
