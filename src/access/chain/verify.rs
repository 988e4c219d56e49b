//! Whether a chain is as it was written.

use super::Chain;
use super::ChainKey;
use super::Fault;
use super::Head;
use super::VerifyError;
use super::fault::Kind;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

/// What a chain is verified against: a key, where it should begin and end.
///
/// The default: no key, from the first record on, to wherever it ends.
#[derive(Clone, Debug, Default)]
#[must_use = "it verifies nothing until it is given to `verify`"]
pub struct Expected {
    key: Option<ChainKey>,
    after: Option<Head>,
    head: Option<Head>,
}

impl Expected {
    /// The chain is sealed with this key.
    pub fn key(self, key: ChainKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The chain goes on after this head, that of the files archived before.
    pub fn after(self, head: Head) -> Self {
        Self { after: Some(head), ..self }
    }

    /// The chain goes at least up to this head. Without it, records that are cut off at the end
    /// cannot be missed: what remains is a chain.
    pub fn head(self, head: Head) -> Self {
        Self { head: Some(head), ..self }
    }
}

/// A chain that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    records: u64,
    head: Head,
}

impl Verified {
    /// How many records there are. Where there is none nothing is proved: files that were emptied
    /// look so, unless a [head](Expected::head) was expected.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Where the chain ends: what to expect of it next time.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }
}

/// No line that the trail writes is longer.
const MAX_LINE: u64 = 1 << 20;

/// Verifies the chain in `files`, oldest first: their names sort so.
///
/// While a trail writes to them, the last record may seem cut off.
///
/// # Errors
/// [`VerifyError`] with the first [`Fault`], or if a file cannot be read.
pub fn verify<P: AsRef<Path>>(files: &[P], expected: &Expected) -> Result<Verified, VerifyError> {
    let mut walk = Walk {
        chain: Chain::new(expected.key.as_ref()),
        head: expected.after.clone().unwrap_or(Head::genesis()),
        expected: expected.head.as_ref(),
        last: Place::before(files.first()),
        records: 0,
    };
    if walk.is_other(&walk.head) {
        let place = Place { line: 1, ..walk.last };
        return Err(VerifyError::fault(place.fault(Kind::Edited, walk.head.sequence)));
    }
    let mut lines = Lines::new(files);
    while let Some((place, line)) = lines.next()? {
        if let Err((kind, sequence, at)) = walk.step(&place, line) {
            let kind = match kind {
                Kind::Missing if lines.has(&walk.chain, sequence)? => Kind::Reordered,
                kind => kind,
            };
            return Err(VerifyError::fault(at.fault(kind, sequence)));
        }
        walk.last = place;
    }
    walk.end()
}

struct Walk<'e> {
    chain: Chain,
    head: Head,
    expected: Option<&'e Head>,
    /// Where `head` is.
    last: Place,
    records: u64,
}

impl Walk<'_> {
    fn step(&mut self, place: &Place, line: &[u8]) -> Result<(), (Kind, u64, Place)> {
        // None comes after the greatest: whatever is there is out of its place.
        let next = self.head.sequence.saturating_add(1);
        let Some(line) = line.strip_suffix(b"\n") else {
            let is_too_long = line.len() as u64 == MAX_LINE;
            let kind = if is_too_long { Kind::Edited } else { Kind::Truncated };
            return Err((kind, next, place.clone()));
        };
        let Some(seal) = self.chain.read(line) else {
            return Err((Kind::Edited, next, place.clone()));
        };
        let sequence = seal.head.sequence;
        if sequence > next {
            return Err((Kind::Missing, next, place.clone()));
        }
        if sequence < next {
            return Err((Kind::Reordered, sequence, place.clone()));
        }
        if seal.prev != self.head.hash {
            // This line is whole and knows another one before it.
            return Err(match self.records {
                0 => (Kind::Edited, sequence, place.clone()),
                _ => (Kind::Edited, next - 1, self.last.clone()),
            });
        }
        if self.is_other(&seal.head) {
            return Err((Kind::Edited, sequence, place.clone()));
        }
        self.head = seal.head;
        self.records += 1;
        Ok(())
    }

    /// Whether something else is known of this record.
    fn is_other(&self, head: &Head) -> bool {
        self.expected.is_some_and(|known| known.sequence == head.sequence && known != head)
    }

    fn end(self) -> Result<Verified, VerifyError> {
        let Self { head, last, records, .. } = self;
        if self.expected.is_some_and(|expected| expected.sequence > head.sequence) {
            let place = Place { line: last.line + 1, ..last };
            return Err(VerifyError::fault(place.fault(Kind::Truncated, head.sequence + 1)));
        }
        Ok(Verified { records, head })
    }
}

#[derive(Clone)]
struct Place {
    file: PathBuf,
    line: u64,
}

impl Place {
    /// Before the first line of the file.
    fn before(file: Option<&impl AsRef<Path>>) -> Self {
        Self { file: file.map(AsRef::as_ref).map_or_else(PathBuf::new, Path::to_owned), line: 0 }
    }

    fn fault(self, kind: Kind, sequence: u64) -> Fault {
        Fault { kind, file: self.file, line: self.line, sequence }
    }
}

/// The lines of several files, each with its line break if it has one.
struct Lines<'f, P> {
    files: &'f [P],
    open: Option<BufReader<File>>,
    line: u64,
    buffer: Vec<u8>,
}

impl<'f, P: AsRef<Path>> Lines<'f, P> {
    fn new(files: &'f [P]) -> Self {
        Self { files, open: None, line: 0, buffer: Vec::new() }
    }

    fn next(&mut self) -> Result<Option<(Place, &[u8])>, VerifyError> {
        while let Some(file) = self.files.first().map(AsRef::as_ref) {
            let failed = |error| VerifyError::io(file, error);
            let reader = match &mut self.open {
                Some(reader) => reader,
                closed => closed.insert(BufReader::new(File::open(file).map_err(failed)?)),
            };
            self.buffer.clear();
            let read = reader.take(MAX_LINE).read_until(b'\n', &mut self.buffer).map_err(failed)?;
            if read > 0 {
                self.line += 1;
                let place = Place { file: file.to_owned(), line: self.line };
                return Ok(Some((place, &self.buffer)));
            }
            self.files = &self.files[1..];
            self.open = None;
            self.line = 0;
        }
        Ok(None)
    }

    /// Whether the record of `sequence` is still to come.
    fn has(&mut self, chain: &Chain, sequence: u64) -> Result<bool, VerifyError> {
        while let Some((_, line)) = self.next()? {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if chain.head_after(line).is_some_and(|head| head.sequence == sequence) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
