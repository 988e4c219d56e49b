//! Canaries in what arrives piece by piece.

use super::canaries;
use request_context::testing::canary::CanaryStream;

#[test]
fn a_canary_is_found_wherever_a_chunk_ends() {
    let canaries = canaries(1);
    let text = format!("data: {}\n\n", canaries.plant(2, "note"));
    for border in 0..=text.len() {
        let (one, other) = text.as_bytes().split_at(border);
        let mut stream = CanaryStream::new();
        let mut found = stream.feed(&canaries, one);
        found.extend(stream.feed(&canaries, other));
        found.extend(stream.finish(&canaries));
        assert_eq!(found, canaries.find(text.as_bytes()), "{border}");
    }
}

#[test]
fn an_offset_counts_from_the_beginning_of_the_stream() {
    let canaries = canaries(1);
    let note = canaries.plant(2, "note");
    let mut stream = CanaryStream::new();
    for _ in 0..1000 {
        assert_eq!(stream.feed(&canaries, &[b'.'; 77]), []);
    }
    let mut found = stream.feed(&canaries, note.as_bytes());
    found.extend(stream.finish(&canaries));
    assert_eq!(found[0].offset(), 77_000);
}

#[test]
fn an_endless_stream_is_found_out_before_its_end() {
    let canaries = canaries(1);
    let mut stream = CanaryStream::new();
    assert_eq!(stream.feed(&canaries, canaries.plant(2, "note").as_bytes()), []);
    assert_eq!(stream.feed(&canaries, &[b'.'; 256]).len(), 1);
}
