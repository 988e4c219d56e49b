//! Facts of files that were read before, by the hash of their text.

use crate::lint::facts::FileFacts;
use std::collections::HashMap;
use std::fs;
use std::hash::DefaultHasher;
use std::hash::Hasher as _;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

/// Begins the file; another version's facts are not read.
const HEADER: &str = concat!("request-context facts 17 ", env!("CARGO_PKG_VERSION"), "\n");

/// The facts of an earlier run.
///
/// A cache that cannot be read is empty, and one that cannot be written is left out: it only saves time.
#[derive(Debug, Default)]
pub(in crate::lint) struct Cache {
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    entries: HashMap<u64, Range<usize>>,
}

impl Cache {
    pub(in crate::lint) fn open(path: PathBuf) -> Self {
        let bytes = fs::read(&path).unwrap_or_default();
        let entries = entries_of(&bytes).unwrap_or_default();
        Self { path: Some(path), bytes, entries }
    }

    pub(in crate::lint) fn key(text: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(text);
        hasher.finish()
    }

    pub(in crate::lint) fn is_on(&self) -> bool {
        self.path.is_some()
    }

    pub(in crate::lint) fn get(&self, key: u64) -> Option<FileFacts> {
        postcard::from_bytes(&self.bytes[self.entries.get(&key)?.clone()]).ok()
    }

    /// Keeps the facts of `files`, and nothing else, for the next run.
    pub(in crate::lint) fn save(&self, files: &[(u64, &FileFacts)]) {
        let Some(path) = &self.path else { return };
        let mut bytes = HEADER.as_bytes().to_vec();
        let (mut kept, mut is_new) = (0, false);
        for (key, facts) in files.iter().copied() {
            let fresh;
            let entry = if let Some(range) = self.entries.get(&key) {
                kept += 1;
                &self.bytes[range.clone()]
            } else {
                let Ok(entry) = postcard::to_stdvec(facts) else { continue };
                is_new = true;
                fresh = entry;
                &fresh
            };
            bytes.extend_from_slice(&key.to_le_bytes());
            bytes.extend_from_slice(&(entry.len() as u64).to_le_bytes());
            bytes.extend_from_slice(entry);
        }
        if is_new || kept != self.entries.len() {
            let _ = write_whole(path, &bytes);
        }
    }
}

/// Writes beside the file first: another process may read it at this moment.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("{}", std::process::id()));
    fs::write(&beside, bytes)?;
    fs::rename(beside, path)
}

fn entries_of(bytes: &[u8]) -> Option<HashMap<u64, Range<usize>>> {
    let mut at = bytes.starts_with(HEADER.as_bytes()).then_some(HEADER.len())?;
    let mut entries = HashMap::new();
    while at < bytes.len() {
        let number =
            |from: usize| Some(u64::from_le_bytes(bytes.get(from..from + 8)?.try_into().ok()?));
        let (key, len) = (number(at)?, usize::try_from(number(at + 8)?).ok()?);
        let start = at + 16;
        at = start.checked_add(len).filter(|end| *end <= bytes.len())?;
        entries.insert(key, start..at);
    }
    Some(entries)
}
