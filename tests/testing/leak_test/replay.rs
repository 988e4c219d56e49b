//! The same seed, the same run; and what a replay says.

use super::support::correct;
use super::support::greeted;
use super::support::last_value_slot;
use request_context::testing::Report;
use std::env;
use std::process::Command;

/// Of the child process: the name of the test that it runs.
const CHILD: &str = "LEAK_TEST_CHILD";

fn told(report: &Report) -> String {
    format!("{:?} {:?} {:?}", report.decisions, report.story, report.trace)
}

#[tokio::test]
async fn the_same_seeds_give_the_same_runs() {
    let first = greeted(last_value_slot).run().await;
    let second = greeted(last_value_slot).run().await;
    assert_eq!(told(&first), told(&second));
    let first = greeted(correct).seeds(0..40).run().await;
    let second = greeted(correct).seeds(0..40).run().await;
    assert_eq!(first.trace, second.trace);
    assert_ne!(first.trace, greeted(correct).seeds(1..41).run().await.trace);
}

#[tokio::test]
async fn the_same_seeds_give_the_same_runs_in_another_process() {
    let report = greeted(last_value_slot).name("child").run().await;
    let told = told(&report);
    if env::var_os(CHILD).is_some() {
        println!("told: {told}");
        return;
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["the_same_seeds_give_the_same_runs_in_another_process", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let output = String::from_utf8(child.stdout).unwrap();
    assert!(output.contains(&format!("told: {told}")), "{output}");
}

#[tokio::test]
async fn a_leak_is_shrunk_to_two_sessions_of_one_request_and_one_switch() {
    let report = greeted(last_value_slot).run().await;
    let story = report.story.unwrap();
    assert_eq!((story.sessions.len(), story.requests, story.forced_switches), (2, 2, 1));
    assert_eq!(story.shrunk_from.0, 8);
    let sighting = story.sighting;
    assert!(story.sessions.contains(&sighting.owner), "{sighting}");
    assert!(story.sessions.contains(&sighting.seer.unwrap()), "{sighting}");
    assert_ne!(sighting.seer, Some(sighting.owner));
}

#[tokio::test]
async fn the_decisions_of_a_story_show_it_again() {
    let found = greeted(last_value_slot).run().await;
    let decisions = found.decisions.unwrap();
    let again = greeted(last_value_slot).replay(&decisions).run().await;
    assert_eq!((again.seeds_run, again.leaks.len()), (1, 1));
    assert_eq!(again.story.unwrap().sighting, found.story.unwrap().sighting);
    // The same decisions find nothing in the corrected twin.
    let twin = greeted(correct).replay(&decisions).run().await;
    assert_eq!(twin.leaks, []);
}

#[tokio::test]
async fn a_recorded_replay_is_read_whatever_the_generator_does() {
    // Written by hand: session 1 is stopped at the first operation of its handler, and 5 goes on.
    let recorded = "1 seed=0 sessions=1,5 skip=1/1,1/2,1/3,5/1,5/2,5/3 faults= steps=1,1:0,5*2,1";
    let report = greeted(last_value_slot).replay(recorded).run().await;
    let sighting = &report.leaks[0].first;
    assert_eq!((sighting.owner, sighting.seer), (5, Some(1)));
}

#[test]
#[should_panic(expected = "cannot be replayed: a replay begins with `1`")]
fn what_is_no_replay_is_refused() {
    greeted(last_value_slot).replay("2 seed=0").assert_isolated();
}

#[tokio::test]
async fn the_line_that_replays_names_the_test() {
    let report = greeted(last_value_slot).run().await;
    let line = report.replay.unwrap();
    let decisions = report.decisions.unwrap();
    let name = "leak_test::replay::the_line_that_replays_names_the_test";
    assert_eq!(line, format!("LEAK_REPLAY='{decisions}' cargo test {name} -- --exact"));
}

/// What this test prints as a process of its own.
fn printed_by(test: &str, arguments: &[&str]) -> String {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .args(arguments)
        .env(CHILD, "1")
        .output()
        .unwrap();
    String::from_utf8(child.stdout).unwrap()
}

#[test]
fn the_line_that_replays_names_its_test_on_one_thread_for_all() {
    let test = "leak_test::replay::the_line_that_replays_names_its_test_on_one_thread_for_all";
    if env::var_os(CHILD).is_some() {
        greeted(last_value_slot).assert_isolated();
    }
    for arguments in [&["--test-threads=1"][..], &[]] {
        let output = printed_by(test, arguments);
        assert!(output.contains(&format!("' cargo test {test} -- --exact")), "{output}");
    }
}

#[tokio::test]
async fn the_line_that_replays_names_an_async_test_on_one_thread_for_all() {
    let test = "leak_test::replay::the_line_that_replays_names_an_async_test_on_one_thread_for_all";
    if env::var_os(CHILD).is_some() {
        greeted(last_value_slot).run().await.assert_isolated();
    }
    let output = printed_by(test, &["--test-threads=1"]);
    assert!(output.contains(&format!("' cargo test {test} -- --exact")), "{output}");
}

#[test]
fn what_a_pass_was_worth_is_printed_for_whoever_asks() {
    let test = "leak_test::replay::what_a_pass_was_worth_is_printed_for_whoever_asks";
    if env::var_os(CHILD).is_some() {
        return greeted(correct).seeds(0..2).assert_isolated();
    }
    let told = "what this is worth:\n  2 seeds of 8 sessions";
    assert!(printed_by(test, &["--nocapture"]).contains(told));
    assert!(!printed_by(test, &[]).contains(told));
}
