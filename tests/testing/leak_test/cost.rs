//! What a run costs: by hand, since a test asserts no times.

use super::support::correct;
use super::support::greeted;

#[tokio::test]
#[ignore = "prints a time: run it alone, with `--release`"]
async fn a_thousand_seeds_of_8_sessions_with_4_requests_each() {
    let report = greeted(correct).seeds(0..1000).run().await;
    println!("{} requests in {:.2} s", report.answered, report.seconds);
}
