//! Each leak of the gallery is found with the defaults, and no corrected twin leaks.

use crate::gallery::EXHIBITS;
use request_context::testing::Sink;

#[tokio::test]
async fn each_leak_is_found_with_the_defaults() {
    for exhibit in EXHIBITS {
        let report = exhibit.test(exhibit.leaky).run().await;
        assert!(!report.leaks.is_empty(), "{}, {}: {report}", exhibit.name, exhibit.way);
        assert!(report.seeds_run <= 200, "{report}");
        assert!(!report.matrix.is_clean(), "{}: {report}", exhibit.name);
        let shows =
            report.leaks.iter().any(|leak| !matches!(leak.first.sink, Sink::Event | Sink::Span));
        assert_eq!(shows, exhibit.shows_in_replies, "{}: {report}", exhibit.name);
    }
}

#[tokio::test]
async fn no_corrected_twin_leaks_with_any_seed() {
    for exhibit in EXHIBITS {
        let report = exhibit.test(exhibit.corrected).run().await;
        assert!(report.is_isolated(), "{}: {report}", exhibit.name);
        assert_eq!(report.seeds_run, 200, "{}", exhibit.name);
    }
}
