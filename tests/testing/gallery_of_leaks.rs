//! Each leak of the gallery is found with the defaults, and no corrected twin leaks.

use crate::gallery::EXHIBITS;
use request_context::testing::Leak;
use request_context::testing::Sink;

/// Without optimisation these runs take most of the time of all tests: then a quarter of the seeds,
/// and all of them in a release build, as in the table of the example `leak_gallery`.
const SEEDS: u64 = if cfg!(debug_assertions) { 50 } else { 200 };

#[tokio::test]
async fn each_leak_is_found_with_the_defaults() {
    for exhibit in EXHIBITS {
        let report = exhibit.test(exhibit.leaky).run().await;
        assert!(!report.leaks.is_empty(), "{}, {}: {report}", exhibit.name, exhibit.way);
        assert!(report.seeds_run <= 200, "{report}");
        let is_left = |leak: &Leak| matches!(leak.first.sink, Sink::LeftTask | Sink::LeftContext);
        let is_logged = |leak: &Leak| matches!(leak.first.sink, Sink::Event | Sink::Span);
        let is_seen = !report.leaks.iter().all(is_left);
        assert_eq!(is_seen, !report.matrix.is_clean(), "{}: {report}", exhibit.name);
        let shows = report.leaks.iter().any(|leak| !is_left(leak) && !is_logged(leak));
        assert_eq!(shows, exhibit.shows_in_replies, "{}: {report}", exhibit.name);
    }
}

#[tokio::test]
async fn no_corrected_twin_leaks() {
    for exhibit in EXHIBITS {
        let report = exhibit.test(exhibit.corrected).seeds(0..SEEDS).run().await;
        assert!(report.is_isolated(), "{}: {report}", exhibit.name);
        assert_eq!(report.seeds_run, SEEDS, "{}", exhibit.name);
        let is_other = |note: &String| note.contains("run twice");
        assert!(!report.notes.iter().any(is_other), "{}: {report}", exhibit.name);
    }
}

#[test]
fn the_table_of_the_docs_has_each_leak_found_in_200_seeds() {
    let docs = include_str!("../../src/testing/mod.rs");
    let rows = docs.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    let rows: Vec<Vec<_>> =
        rows.map(|row| row.trim_end_matches(" |").split(" | ").collect()).collect();
    let named: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(named, EXHIBITS.map(|exhibit| (exhibit.name, exhibit.way)));
    for row in &rows {
        let [seed, rate] = [row[2], row[3]].map(|number| number.parse::<u64>().unwrap());
        assert!(seed < 200 && (1..=200).contains(&rate), "{row:?}");
    }
}
