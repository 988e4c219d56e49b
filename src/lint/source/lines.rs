//! Lines and columns of a file.

use super::statement::end_of_statement;
use crate::lint::facts::Span;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(in crate::lint) struct Lines<'a> {
    text: &'a str,
    starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    pub(in crate::lint) fn of(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of an offset, both from 1, the column in characters.
    pub(in crate::lint) fn position(&self, at: u32) -> (u32, u32) {
        let line = self.line_at(at);
        let start = self.starts[line] as usize;
        let before = self.text.get(start..at as usize).unwrap_or_default();
        (line as u32 + 1, before.chars().count() as u32 + 1)
    }

    fn line_at(&self, at: u32) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// What a comment speaks of: the code before it on its line, or else the statement or the head of
    /// the item that comes next, with the attributes that stand there.
    pub(in crate::lint) fn covered_by(&self, comment: Span) -> Span {
        let line = self.line_at(comment.start);
        let start = self.starts[line];
        let end_of =
            |line: usize| self.starts.get(line + 1).copied().unwrap_or(self.text.len() as u32);
        let before = self.text.get(start as usize..comment.start as usize).unwrap_or_default();
        if !before.trim().is_empty() {
            return Span { start, end: end_of(line) };
        }
        let start = comment.end;
        let end = end_of_statement(self.text, start as usize).max(start as usize + 1) as u32;
        Span { start, end: end_of(self.line_at(end - 1)) }
    }
}
