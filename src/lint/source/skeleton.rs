//! A file's text without what no rule needs: comments, tests, and bodies that hold nothing.

use crate::lint::facts::Call;
use crate::lint::facts::Span;
use crate::lint::facts::Use;

/// The reduced text, and what was noted on the way.
#[derive(Debug, Default)]
pub(in crate::lint) struct Skeleton {
    pub(in crate::lint) text: String,
    /// Where parts of `text` stand in the file: (offset in the text, offset in the file), ascending.
    pieces: Vec<(u32, u32)>,
    /// The bodies of outermost functions, by the offset of their brace in the file, ascending.
    pub(in crate::lint) bodies: Vec<(u32, Body)>,
    /// The comments that name this tool.
    pub(in crate::lint) comments: Vec<Span>,
    pub(in crate::lint) lines: u32,
    /// Where brackets or expressions nest deeper than can be read.
    pub(in crate::lint) too_deep: Option<u32>,
}

/// What a body says, found without a syntax tree.
#[derive(Debug, Default)]
pub(in crate::lint) struct Body {
    pub(in crate::lint) end: u32,
    pub(in crate::lint) calls: Vec<Call>,
    /// Local names and their types, where the text tells.
    pub(in crate::lint) locals: Vec<(String, String)>,
    /// Local names, and the fields that they are.
    pub(in crate::lint) fields: Vec<(String, String)>,
    pub(in crate::lint) uses: Vec<Use>,
}

impl Skeleton {
    /// Goes on with what stands at `offset` of the file.
    pub(super) fn push(&mut self, part: &str, offset: usize) {
        if !part.is_empty() {
            self.pieces.push((self.text.len() as u32, offset as u32));
            self.text.push_str(part);
        }
    }

    /// Forgets what came after `len` bytes of text.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        while self.pieces.last().is_some_and(|(start, _)| *start as usize >= len) {
            self.pieces.pop();
        }
    }

    /// The offset in the file of an offset in the text.
    pub(in crate::lint) fn offset(&self, at: usize) -> u32 {
        let at = at as u32;
        match self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1) {
            Some(piece) => {
                let (start, offset) = self.pieces[piece];
                offset + (at - start)
            }
            None => at,
        }
    }

    /// The body whose brace stands at `offset` of the file.
    pub(in crate::lint) fn body(&self, offset: u32) -> Option<&Body> {
        let at = self.bodies.binary_search_by_key(&offset, |(brace, _)| *brace).ok()?;
        Some(&self.bodies[at].1)
    }

    /// The whole text, for when the reduced one does not parse.
    pub(in crate::lint) fn whole(text: &str, bodies: Vec<(u32, Body)>) -> Self {
        // The parser would take the line off, and count from the next one.
        let text = match text.strip_prefix("#!") {
            Some(rest) if !rest.starts_with('[') => format!("//{rest}"),
            _ => text.to_owned(),
        };
        Self { text, pieces: vec![(0, 0)], bodies, ..Self::default() }
    }
}
