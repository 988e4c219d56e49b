//! The canaries of one run: planted, and found again.

use super::canary_match::CanaryMatch;
use super::derive::derive;
use super::fields::CanaryFields;
use super::index::Index;
use super::marker;
use super::search::Part;
use super::search::search;
use super::stream::Seen;
use std::fmt;
use std::ops::Range;
use std::sync::PoisonError;
use std::sync::RwLock;

/// The canaries of one run: planted in what each session sends, and found again in what each sees.
///
/// A canary follows from seed, session and field alone, so that a run can be repeated. Only what
/// has been planted is looked for.
///
/// # Examples
/// ```
/// use request_context::testing::canary::{Canaries, CanaryFields, Variant};
///
/// let canaries = Canaries::new(7, CanaryFields::new());
/// let note = canaries.plant(0, "note");
/// let seen = format!("<p>{}</p>", note.to_uppercase());
///
/// let found = &canaries.find(seen.as_bytes())[0];
/// assert_eq!((found.session(), found.field()), (Some(0), Some("note")));
/// assert_eq!((found.variant(), found.offset()), (Variant::OtherCase, 3));
/// ```
pub struct Canaries {
    seed: u64,
    fields: CanaryFields,
    index: RwLock<Index>,
}

impl Canaries {
    /// None planted yet.
    #[must_use]
    pub fn new(seed: u64, fields: CanaryFields) -> Self {
        Self { seed, fields, index: RwLock::new(Index::default()) }
    }

    /// The canary of a session in a field, looked for from now on.
    ///
    /// Sessions are counted from zero, and there are at most 2³² of them: the number is taken modulo
    /// that.
    #[must_use = "a canary that nobody sends cannot be seen"]
    pub fn plant(&self, session: usize, field: &str) -> String {
        let session = session as u32;
        let kind = self.fields.kind_of(field);
        let place = self.fields.place_of_date(session, field);
        let text = derive(self.seed, session, field, kind, place);
        self.index.write().unwrap_or_else(PoisonError::into_inner).insert(
            session,
            field,
            kind,
            &kind.shape().needle(&text),
        );
        text
    }

    /// The canaries in `text`: for each session, field and variant the first place. Also the tokens
    /// of another seed, told by their checksum: what an earlier run left behind.
    ///
    /// Takes time in proportion to the text, whatever the number of sessions.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Vec<CanaryMatch> {
        self.find_between(text, 0..text.len(), 0, &mut Seen::new())
    }

    /// The canaries whose place begins in `range` of `text`, which begins at `offset` of a stream.
    pub(super) fn find_between(
        &self,
        text: &[u8],
        range: Range<usize>,
        offset: u64,
        seen: &mut Seen,
    ) -> Vec<CanaryMatch> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut matches = Vec::new();
        search(&index, text, range, |found| {
            if seen.insert((found.slot, found.variant, found.part == Part::Whole)) {
                let planted = found.slot.map(|slot| index.planted(slot));
                matches.push(CanaryMatch::new(planted, &found, text, offset));
            }
        });
        matches
    }

    /// How many have been planted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none has been planted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have been planted whose text another one has too: they are looked for, but say
    /// nothing about whose they are, so they are never found. Only dates can be so few.
    #[must_use]
    pub fn ambiguous(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).ambiguous()
    }

    /// About how many bytes are kept to find them: some for each canary, and those of the one
    /// automaton of the process.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.memory_usage() + marker::memory_usage()
    }
}

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canaries")
            .field("seed", &self.seed)
            .field("planted", &self.len())
            .finish_non_exhaustive()
    }
}
