//! From the places where a needle may be to the needles that are there.

use super::derive::TOKEN;
use super::derive::is_token;
use super::encoding::Encoding;
use super::encoding::LONGEST_WRITTEN;
use super::encoding::Reading;
use super::index::Index;
use super::kind::Shape;
use super::marker::Place;
use super::marker::Sign;
use super::marker::places;
use super::variant::Variant;
use std::ops::Range;

/// A needle, or enough of one, in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Where it is in the index; `None` for a token of another seed.
    pub(super) slot: Option<u32>,
    pub(super) variant: Variant,
    pub(super) part: Part,
    /// Where it begins and ends in the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// How much of a needle there is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Whole,
    First(usize),
    Last(usize),
}

/// How many bytes before a place are looked at, at most.
pub(super) const BEFORE: usize = 96;

/// How many bytes after the beginning of a place are looked at, at most.
pub(super) const AFTER: usize = LONGEST_WRITTEN;

/// Calls `each` for the needles of `index` whose place begins in `range` of `text`.
pub(super) fn search(index: &Index, text: &[u8], range: Range<usize>, mut each: impl FnMut(Found)) {
    // A match is reported where its last byte is, so the last ones begin before `to` and end after.
    let until = text.len().min(range.end + AFTER);
    for place in places(&text[..until], range.start) {
        if place.start >= range.end || !index.holds(place.sign.shape()) {
            continue;
        }
        let found = match place.sign {
            Sign::Head(shape, encoding) => forward(index, text, place, shape, encoding),
            Sign::Reversed(shape) => backward(index, text, place, shape),
            Sign::Tail(shape) => tail(index, text, place, shape),
        };
        if let Some(found) = found {
            each(found);
        }
    }
}

fn forward(
    index: &Index,
    text: &[u8],
    place: Place,
    shape: Shape,
    encoding: Encoding,
) -> Option<Found> {
    let text = &text[..text.len().min(place.start + LONGEST_WRITTEN)];
    let is_plain = encoding == Encoding::Plain;
    if is_plain && place.start.checked_sub(1).is_some_and(|before| shape.is_word(text[before])) {
        return None;
    }
    let read = |most| Reading::forward(text, place.start, encoding, shape, most);
    let (slot, part, kept) = identify(index, shape, read)?;
    let variant = match encoding {
        Encoding::Plain if kept.has_percent => Variant::Percent,
        Encoding::Plain if kept.is_upper => Variant::OtherCase,
        Encoding::Plain => Variant::AsIs,
        Encoding::Hex => Variant::Hex,
        Encoding::Percent => Variant::Percent,
        Encoding::List => Variant::ByteList,
        Encoding::Base64(_) => Variant::Base64,
    };
    Some(Found { slot, variant, part, start: place.start, end: kept.end })
}

fn backward(index: &Index, text: &[u8], place: Place, shape: Shape) -> Option<Found> {
    if text.get(place.end).is_some_and(|after| shape.is_word(*after)) {
        return None;
    }
    let first = place.end.saturating_sub(BEFORE);
    let text = &text[first..place.end];
    let read = |most| Reading::backward(text, text.len(), shape, most);
    let (slot, part, kept) = identify(index, shape, read)?;
    let start = first + kept.end;
    Some(Found { slot, variant: Variant::Reversed, part, start, end: place.end })
}

/// A needle that has lost its beginning. One that is whole has been found by its beginning.
fn tail(index: &Index, text: &[u8], place: Place, shape: Shape) -> Option<Found> {
    let first = place.end.saturating_sub(BEFORE);
    let text = &text[first..place.end];
    let read = |most| Reading::backward(text, text.len(), shape, most);
    let slot = index.by_tail(shape, enough(&read(shape.enough()), shape)?)?;
    let needle = index.planted(slot).needle;
    let all = read(needle.len());
    let same = needle.iter().rev().zip(all.as_bytes()).take_while(|(a, b)| a == b).count();
    if same < shape.enough() || same == needle.len() {
        return None;
    }
    let kept = read(same);
    let variant = if kept.is_upper { Variant::OtherCase } else { Variant::AsIs };
    let start = first + kept.end;
    Some(Found { slot: Some(slot), variant, part: Part::Last(same), start, end: place.end })
}

/// Whose the needle is that `read` reads the beginning of, and how much of it there is.
fn identify(
    index: &Index,
    shape: Shape,
    read: impl Fn(usize) -> Reading,
) -> Option<(Option<u32>, Part, Reading)> {
    if let Some(slot) = index.by_head(shape, enough(&read(shape.enough()), shape)?) {
        let needle = index.planted(slot).needle;
        let part = part_of(needle, &read(needle.len() + 1), shape)?;
        let kept = match part {
            Part::First(kept) => kept,
            _ => needle.len(),
        };
        return Some((Some(slot), part, read(kept)));
    }
    if shape != Shape::Token {
        return None;
    }
    let token = read(TOKEN);
    is_token(token.as_bytes()).then_some((None, Part::Whole, token))
}

/// As many characters as are enough to tell whose they are.
fn enough(reading: &Reading, shape: Shape) -> Option<&[u8]> {
    reading.as_bytes().get(..shape.enough())
}

/// How much of `needle` was read; `None` if it is too little, or part of a longer number.
fn part_of(needle: &[u8], reading: &Reading, shape: Shape) -> Option<Part> {
    let bytes = reading.as_bytes();
    let same = needle.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    if same == needle.len() {
        let is_longer = bytes.get(same).is_some_and(|next| shape.is_word(*next));
        (!is_longer).then_some(Part::Whole)
    } else {
        (shape.is_found_in_part() && same >= shape.enough()).then_some(Part::First(same))
    }
}
