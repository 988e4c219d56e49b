//! How fast canaries are found, and what they take to keep, beside one automaton of all their
//! variants, and beside a plain `contains` for each canary, which knows of no variant: `cargo run --release -p request-context-benches --features testing --bin canaries`.

use aho_corasick::AhoCorasick;
use request_context::testing::canary::Canaries;
use request_context::testing::canary::CanaryFields;
use std::time::Instant;

const LENGTH: usize = 16 << 20;
/// How much of it is searched for one canary after the other.
const NAIVE: usize = 64 << 10;

fn main() {
    println!(
        "| sessions | canaries | MB/s | bytes per session | found | automaton: MB/s | bytes | built in \
         | `contains`: MB/s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for sessions in [8, 100, 1_000, 10_000] {
        row(sessions);
    }
}

fn row(sessions: usize) {
    let canaries = Canaries::new(1, CanaryFields::new());
    let empty = canaries.memory_usage();
    let planted: Vec<_> = (0..sessions)
        .flat_map(|session| ["name", "note", "token"].map(|field| canaries.plant(session, field)))
        .collect();
    let bytes = (canaries.memory_usage() - empty) / sessions;
    let page = page(&planted);
    let (found, speed) = best(LENGTH, || canaries.find(&page).len());

    let variants: Vec<_> = planted.iter().flat_map(|canary| variants(canary)).collect();
    let begun = Instant::now();
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(variants).unwrap();
    let built = begun.elapsed();
    let (_, rival) = best(LENGTH, || automaton.find_overlapping_iter(&page).count());
    let rival_bytes = automaton.memory_usage() / sessions;
    let text = String::from_utf8_lossy(&page[..NAIVE]);
    let contained = || planted.iter().filter(|canary| text.contains(canary.as_str())).count();
    let (_, naive) = best(NAIVE, contained);
    println!(
        "| {sessions} | {} | {speed:.0} | {bytes} | {found} | {rival:.0} | {rival_bytes} | {built:.1?} \
         | {naive:.2} |",
        planted.len()
    );
}

/// What `run` gives, and its best speed of three, in MB/s.
fn best(length: usize, mut run: impl FnMut() -> usize) -> (usize, f64) {
    let times: Vec<_> = (0..3)
        .map(|_| {
            let begun = Instant::now();
            (run(), begun.elapsed())
        })
        .collect();
    let (result, time) = times.into_iter().min_by_key(|(_, time)| *time).unwrap_or_default();
    (result, length as f64 / 1e6 / time.as_secs_f64())
}

/// JSON, digits and base64 by turns, with a canary every 1,600 bytes.
fn page(planted: &[String]) -> Vec<u8> {
    let mut page = Vec::with_capacity(LENGTH);
    let mut random = 1_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut canaries = planted.iter().cycle();
    while page.len() < LENGTH {
        for part in 0..40 {
            let (a, b) = (next(), next());
            let text = match part % 3 {
                0 => format!(r#"{{"id":{},"name":"user {}"}},"#, a % 100_000_000, b % 1000),
                1 => base64(a, b),
                _ => "<p class=\"row\">Nothing to see here.</p> ".to_owned(),
            };
            page.extend_from_slice(text.as_bytes());
        }
        page.extend(canaries.next().into_iter().flat_map(|canary| canary.bytes()));
    }
    page.truncate(LENGTH);
    page
}

fn base64(a: u64, b: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u64| move |at: u32| char::from(LETTERS[(bits >> (6 * at) & 63) as usize]);
    (0..10).map(letter(a)).chain((0..10).map(letter(b))).chain(['=', ' ']).collect()
}

/// The variants of the probe that one automaton was measured with, base64 approximately.
fn variants(canary: &str) -> Vec<String> {
    vec![
        canary.to_owned(),
        canary[..14].to_owned(),
        canary.chars().rev().collect(),
        canary.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]
}
