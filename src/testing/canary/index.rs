//! Whose a needle is.

use super::kind::CanaryKind;
use super::kind::Shape;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem::size_of;

/// Whose a needle is, by as many of its characters as are enough: from its beginning, and from its
/// end where the end can be found by itself.
#[derive(Debug, Default)]
pub(super) struct Index {
    heads: HashMap<u64, u32>,
    tails: HashMap<u64, u32>,
    needles: Vec<Needle>,
    /// The needles' text, one after the other.
    text: Vec<u8>,
    fields: Vec<Box<str>>,
    shapes: [bool; Shape::ALL.len()],
    ambiguous: usize,
}

#[derive(Debug)]
struct Needle {
    session: u32,
    field: u32,
    at: u32,
    len: u8,
    kind: CanaryKind,
    is_ambiguous: bool,
}

/// A canary that has been planted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planted<'a> {
    pub(super) session: u32,
    pub(super) field: &'a str,
    pub(super) kind: CanaryKind,
    pub(super) needle: &'a [u8],
}

impl Index {
    pub(super) fn insert(&mut self, session: u32, field: &str, kind: CanaryKind, needle: &str) {
        let shape = kind.shape();
        let Ok(slot) = u32::try_from(self.needles.len()) else { return };
        let Ok(at) = u32::try_from(self.text.len()) else { return };
        match self.heads.entry(key(shape, needle.bytes().take(shape.enough()))) {
            Entry::Vacant(vacant) => {
                vacant.insert(slot);
            }
            Entry::Occupied(occupied) => {
                let known = *occupied.get();
                let same = self.planted(known);
                if (same.session, same.field) == (session, field) {
                    return;
                }
                let first = &mut self.needles[known as usize].is_ambiguous;
                self.ambiguous += 1 + usize::from(!*first);
                *first = true;
                return;
            }
        }
        self.shapes[shape as usize] = true;
        if shape.tail().is_some() {
            self.tails.insert(key(shape, needle.bytes().rev().take(shape.enough())), slot);
        }
        let field = self.field(field);
        let len = needle.len() as u8;
        self.text.extend_from_slice(needle.as_bytes());
        self.needles.push(Needle { session, field, at, len, kind, is_ambiguous: false });
    }

    fn field(&mut self, name: &str) -> u32 {
        let known = self.fields.iter().position(|known| **known == *name);
        known.unwrap_or_else(|| {
            self.fields.push(name.into());
            self.fields.len() - 1
        }) as u32
    }

    /// Whether a needle of this shape may be found: a token also if it is of another seed.
    pub(super) const fn holds(&self, shape: Shape) -> bool {
        self.shapes[shape as usize] || matches!(shape, Shape::Token)
    }

    /// The needle that begins with `head`, which is enough of one.
    pub(super) fn by_head(&self, shape: Shape, head: &[u8]) -> Option<u32> {
        self.certain(*self.heads.get(&key(shape, head.iter().copied()))?)
    }

    /// The needle that ends with `tail`, which is enough of one and in backward order.
    pub(super) fn by_tail(&self, shape: Shape, tail: &[u8]) -> Option<u32> {
        self.certain(*self.tails.get(&key(shape, tail.iter().copied()))?)
    }

    fn certain(&self, slot: u32) -> Option<u32> {
        (!self.needles.get(slot as usize)?.is_ambiguous).then_some(slot)
    }

    /// What is in `slot`, which has been given out.
    pub(super) fn planted(&self, slot: u32) -> Planted<'_> {
        let needle = &self.needles[slot as usize];
        let at = needle.at as usize;
        Planted {
            session: needle.session,
            field: &self.fields[needle.field as usize],
            kind: needle.kind,
            needle: &self.text[at..at + usize::from(needle.len)],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.needles.len()
    }

    pub(super) const fn ambiguous(&self) -> usize {
        self.ambiguous
    }

    pub(super) fn memory_usage(&self) -> usize {
        // A bucket of a hash map is the pair and one byte; at most seven of eight are in use.
        let buckets = (self.heads.capacity() + self.tails.capacity()) * 8 / 7;
        buckets * (size_of::<(u64, u32)>() + 1)
            + self.needles.capacity() * size_of::<Needle>()
            + self.text.capacity()
            + self.fields.iter().map(|field| field.len() + size_of::<Box<str>>()).sum::<usize>()
    }
}

/// FNV-1a: what is hashed is random already, and nobody but the test chooses it.
fn key(shape: Shape, part: impl Iterator<Item = u8>) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ shape as u64;
    part.fold(start, |key, byte| (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
