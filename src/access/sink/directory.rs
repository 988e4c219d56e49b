//! The directory of a trail: its lock, and its files by name.

use super::StartError;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;

const LOCK: &str = "trail.lock";
const PREFIX: &str = "trail-";
const SUFFIX: &str = ".jsonl";

/// A directory that nobody else writes to, as long as this is there.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

impl Directory {
    pub(super) fn lock(path: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::io(path, error);
        fs::create_dir_all(path).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = for_owner_only(&mut options).open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::locked(path)),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The trail's files, oldest first.
    pub(super) fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            if name.to_str().is_some_and(|name| day_of(name).is_some()) {
                files.push(self.path.join(name));
            }
        }
        files.sort();
        Ok(files)
    }

    /// The file whose first record is of `sequence`, to be appended to.
    pub(super) fn create(&self, sequence: u64, day: &str) -> io::Result<File> {
        open(&self.path.join(format!("{PREFIX}{sequence:020}-{day}{SUFFIX}")), true)
    }

    /// Makes the names of the files survive the machine's failure.
    pub(super) fn sync(&self) -> io::Result<()> {
        // Elsewhere a directory cannot be opened as a file, and need not be.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }
}

impl Drop for Directory {
    /// In so many words: a process that is being started at this very time has a copy of the file, and
    /// with it of the lock, until it runs a program of its own.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

/// The day that a file of this name is of, if it is one of a trail.
pub(super) fn day_of(name: &str) -> Option<&str> {
    let (sequence, day) = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-')?;
    let is_sequence = sequence.len() == 20 && sequence.bytes().all(|b| b.is_ascii_digit());
    (is_sequence && day.len() == 10).then_some(day)
}

pub(super) fn open(path: &Path, create: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    for_owner_only(options.read(true).append(true).create(create)).open(path)
}

/// Whether the file has no name any more; elsewhere an open file cannot be removed.
pub(super) fn is_removed(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(metadata) == 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// Nobody but the owner of the process need read who did what.
fn for_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
