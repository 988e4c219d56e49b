//! One list of a session.

use crate::session::WriteId;
use bytes::Bytes;
use hashbrown::HashTable;
use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

/// How many of the items that were trimmed last are remembered, so that a retry of an append is
/// known although its item is gone.
const TRIMMED_KNOWN: usize = 1024;

/// How many writes are looked through one by one: most lists are short, and need no table.
const SCANNED: usize = 8;

#[derive(Default)]
pub(super) struct List {
    /// The position of the first item.
    first: u64,
    items: VecDeque<Item>,
    /// The writes of the items that were trimmed last, up to `first`.
    trimmed: VecDeque<Write>,
    /// The positions of all that are known, there or trimmed, by the hash of their write. Empty
    /// while they are few.
    by_write: HashTable<u64>,
}

pub(super) struct Item {
    write: Write,
    bytes: Bytes,
}

#[derive(Clone, Copy)]
struct Write {
    id: WriteId,
    hash: u64,
}

impl Item {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// `hash` is that of `write`, by the keyed hash of the store.
    pub(super) fn new(write: WriteId, hash: u64, bytes: Bytes) -> Self {
        Self { write: Write { id: write, hash }, bytes }
    }

    pub(super) fn take(&mut self) -> Self {
        Self { write: self.write, bytes: mem::take(&mut self.bytes) }
    }
}

impl List {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    /// The positions whose writes are known.
    fn known(&self) -> Range<u64> {
        self.first - self.trimmed.len() as u64..self.end()
    }

    /// What has written the item at `position`, if that is known.
    fn write_at(&self, position: u64) -> Option<Write> {
        match position.checked_sub(self.first) {
            Some(index) => self.items.get(index as usize).map(|item| item.write),
            None => {
                let back = (self.first - position) as usize;
                self.trimmed.get(self.trimmed.len().checked_sub(back)?).copied()
            }
        }
    }

    /// The position of the item that a write has appended, if it has.
    pub(super) fn position_of(&self, item: &Item) -> Option<u64> {
        let Write { id, hash } = item.write;
        let is_it = |at: &u64| self.write_at(*at).is_some_and(|write| write.id == id);
        if self.by_write.is_empty() {
            return self.known().find(is_it);
        }
        self.by_write.find(hash, is_it).copied()
    }

    pub(super) fn push(&mut self, item: Item) -> u64 {
        let position = self.end();
        self.items.push_back(item);
        let known = self.known();
        if !self.by_write.is_empty() {
            self.index(position..position + 1);
        } else if known.end - known.start > SCANNED as u64 {
            self.index(known);
        }
        position
    }

    fn index(&mut self, positions: Range<u64>) {
        let mut by_write = mem::take(&mut self.by_write);
        // Only what is known is in the table.
        let hash_of = |at: &u64| self.write_at(*at).map_or(0, |write| write.hash);
        for position in positions {
            by_write.insert_unique(hash_of(&position), position, hash_of);
        }
        self.by_write = by_write;
    }

    /// The first position of these that are there, their items, and the end of the list.
    pub(super) fn range(&self, positions: Range<u64>) -> (u64, Vec<Bytes>, u64) {
        let first = positions.start.clamp(self.first, self.end());
        let end = positions.end.clamp(first, self.end());
        let indexes = (first - self.first) as usize..(end - self.first) as usize;
        let items = self.items.range(indexes).map(|item| item.bytes.clone()).collect();
        (first, items, self.end())
    }

    /// Removes the items before `position`, and returns them.
    pub(super) fn trim(&mut self, position: u64) -> Vec<Item> {
        let count = (position.clamp(self.first, self.end()) - self.first) as usize;
        let removed: Vec<_> = self.items.drain(..count).collect();
        self.trimmed.extend(removed.iter().map(|item| item.write));
        self.first += count as u64;
        let forgotten = self.trimmed.len().saturating_sub(TRIMMED_KNOWN);
        let oldest = self.known().start;
        for (at, write) in (oldest..).zip(self.trimmed.drain(..forgotten)) {
            if let Ok(found) = self.by_write.find_entry(write.hash, |position| *position == at) {
                found.remove();
            }
        }
        removed
    }
}
