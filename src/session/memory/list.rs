//! One list of a session.

use crate::session::Items;
use crate::session::WriteId;
use bytes::Bytes;
use hashbrown::HashTable;
use std::collections::VecDeque;
use std::ops::Range;

/// How many of the items that were trimmed last are remembered, so that a retry of an append is
/// known although its item is gone.
const TRIMMED_KNOWN: usize = 64;

#[derive(Default)]
pub(super) struct List {
    /// The position of the first item.
    first: u64,
    items: VecDeque<Item>,
    /// The positions of the items, by the hash of their write.
    by_write: HashTable<u64>,
    /// The last items that were trimmed.
    trimmed: VecDeque<(WriteId, u64)>,
}

pub(super) struct Item {
    write: WriteId,
    hash: u64,
    bytes: Bytes,
}

impl Item {
    /// `hash` is that of `write`, by the keyed hash of the store.
    pub(super) fn new(write: WriteId, hash: u64, bytes: Bytes) -> Self {
        Self { write, hash, bytes }
    }
}

impl List {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    fn item(&self, position: u64) -> Option<&Item> {
        self.items.get((position - self.first) as usize)
    }

    /// The position of the item that a write has appended, if it has.
    pub(super) fn position_of(&self, item: &Item) -> Option<u64> {
        let is_it = |position: &u64| self.item(*position).is_some_and(|at| at.write == item.write);
        let trimmed = || self.trimmed.iter().find(|(write, _)| *write == item.write);
        let there = self.by_write.find(item.hash, is_it).copied();
        there.or_else(|| trimmed().map(|(_, position)| *position))
    }

    pub(super) fn push(&mut self, item: Item) -> u64 {
        let position = self.end();
        let (first, hash) = (self.first, item.hash);
        self.items.push_back(item);
        let items = &self.items;
        let hash_of = |position: &u64| items[(position - first) as usize].hash;
        self.by_write.insert_unique(hash, position, hash_of);
        position
    }

    pub(super) fn range(&self, positions: Range<u64>) -> Items {
        let first = positions.start.clamp(self.first, self.end());
        let end = positions.end.clamp(first, self.end());
        let indexes = (first - self.first) as usize..(end - self.first) as usize;
        let items = self.items.range(indexes).map(|item| item.bytes.clone()).collect();
        Items::new(first, items, self.end())
    }

    /// Removes the items before `position`, and returns them.
    pub(super) fn trim(&mut self, position: u64) -> Vec<Item> {
        let count = (position.clamp(self.first, self.end()) - self.first) as usize;
        let removed: Vec<_> = self.items.drain(..count).collect();
        for (at, item) in (self.first..).zip(&removed) {
            if let Ok(found) = self.by_write.find_entry(item.hash, |position| *position == at) {
                found.remove();
            }
        }
        let skipped = count.saturating_sub(TRIMMED_KNOWN);
        let remembered = (self.first..).zip(&removed).skip(skipped);
        self.trimmed.extend(remembered.map(|(at, item)| (item.write, at)));
        self.trimmed.drain(..self.trimmed.len().saturating_sub(TRIMMED_KNOWN));
        self.first += count as u64;
        removed
    }
}
