//! The beginnings of needles in each encoding, found by one automaton.

use super::encoding::Encoding;
use super::kind::Shape;
use aho_corasick::AhoCorasick;
use aho_corasick::AhoCorasickKind;
use aho_corasick::BuildError;
use aho_corasick::MatchKind;
use std::sync::OnceLock;

/// What the place of a match may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// The beginning of a needle in an encoding.
    Head(Shape, Encoding),
    /// The beginning of a needle, reversed: the needle is before it, read backwards.
    Reversed(Shape),
    /// The end of a needle as it is, whose beginning may be lost.
    Tail(Shape),
}

impl Sign {
    pub(super) const fn shape(self) -> Shape {
        match self {
            Self::Head(shape, _) | Self::Reversed(shape) | Self::Tail(shape) => shape,
        }
    }
}

/// A place in a text that may be a canary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) sign: Sign,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Finds all places where a needle of whatever session may be. Its size depends on the number of
/// shapes and encodings alone: whose a needle is, the index tells.
struct Markers {
    automaton: AhoCorasick,
    signs: Vec<Sign>,
}

impl Markers {
    fn build() -> Result<Self, BuildError> {
        let mut patterns = Vec::new();
        let mut signs = Vec::new();
        for shape in Shape::ALL {
            for encoding in Encoding::ALL {
                for pattern in encoding.markers(shape.head()) {
                    patterns.push(pattern);
                    signs.push(Sign::Head(shape, encoding));
                }
            }
            patterns.push(shape.head().bytes().rev().collect());
            signs.push(Sign::Reversed(shape));
            if let Some(tail) = shape.tail() {
                patterns.push(tail.as_bytes().to_vec());
                signs.push(Sign::Tail(shape));
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)?;
        Ok(Self { automaton, signs })
    }

    fn get() -> Option<&'static Self> {
        static MARKERS: OnceLock<Option<Markers>> = OnceLock::new();
        MARKERS.get_or_init(|| Self::build().ok()).as_ref()
    }
}

/// All places of `text` from `from` on.
pub(super) fn places(text: &[u8], from: usize) -> impl Iterator<Item = Place> + '_ {
    let text = text.get(from..).unwrap_or_default();
    Markers::get().into_iter().flat_map(move |markers| {
        markers.automaton.find_overlapping_iter(text).filter_map(move |found| {
            let sign = *markers.signs.get(found.pattern().as_usize())?;
            Some(Place { sign, start: from + found.start(), end: from + found.end() })
        })
    })
}

/// The memory that the automaton takes, once in a process.
pub(super) fn memory_usage() -> usize {
    Markers::get().map_or(0, |markers| markers.automaton.memory_usage())
}
