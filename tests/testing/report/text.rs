//! The report as text.

use super::isolated;
use super::leaked;
use super::vacuous;
use request_context::testing::Moment;
use request_context::testing::Report;
use request_context::testing::Sighting;
use request_context::testing::StoryStep;

#[test]
fn a_pass_says_what_it_was_worth() {
    assert_eq!(isolated().to_string(), PASS);
}

const PASS: &str = "\
isolated: no session saw another one's data in 200 seeds (profile)

what this is worth:
  200 seeds of 8 sessions with 4 requests each; 6,400 answered, 200 different schedules by uniform, tokio's budget of 128 operations
  312 distinct switch pairs; no new one in the last tenth of the seeds
  1 of 1 planted leaks found: last-value slot in 199 of 200
  0.4 s
";

#[test]
fn a_leak_is_told_as_a_story_and_the_line_that_replays_it_is_the_last() {
    assert_eq!(leaked().to_string(), LEAK);
}

const LEAK: &str = r#"leaked: sessions saw others' data, in 1 way (profile)

  session 1 saw `note` of session 0 in the body of its request 2 (hex)
    {"user":"7a71636336"}
    1,412 times in 199 seeds, first with seed 3

the smallest story: 2 sessions, 2 requests, 1 forced switch point (of 8, 32 and 57, in 41 runs)
     0  session 0 sends GET /profile with `note`
     1  session 0 is stopped at tokio operation 1, which was ready, in request > load
  ------------- switch, forced
     2  session 1 sends GET /profile with `note`
     3  session 1 passes the point stored
     4  session 1 is stopped, waiting
  ------------- switch
     5  session 0 goes on
     6  session 0 receives 200 OK
     7  session 0 is disturbed: its connection is closed
  ------------- switch
     8  session 1 saw `note` of session 0 in the body of its request 2 (hex)

what this is worth:
  200 seeds of 8 sessions with 4 requests each; 6,400 answered, 200 different schedules by uniform, tokio's budget of 128 operations
  312 distinct switch pairs; no new one in the last tenth of the seeds
  1 of 1 planted leaks found: last-value slot in 199 of 200
  0.4 s

replay: LEAK_SEED=3 cargo test profile
"#;

#[test]
fn a_vacuous_run_is_no_pass_and_says_what_was_there_instead() {
    let report = vacuous();
    assert!(!report.is_isolated());
    let text = report.to_string();
    assert!(text.starts_with("vacuous: nothing was seen"), "{text}");
    let line = "vacuous: 1 of 8 sessions never saw their own data in the header, so it says nothing; \
                there was 4 x 401 Unauthorized";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_leak_beside_a_session_that_saw_nothing_of_its_own_is_worth_what_it_says() {
    let mut report = leaked();
    report.vacuous = vacuous().vacuous;
    for text in [report.to_string(), report.to_html()] {
        let line = "1 of 8 sessions never saw their own data in the header, so more may leak than was seen";
        assert!(text.contains(line), "{text}");
        assert!(!text.contains("says nothing"), "{text}");
    }
}

#[test]
fn what_else_the_reader_should_know_is_said() {
    let mut report = isolated();
    report.is_replayable = false;
    report.coverage.late_seeds_with_new_pairs = 3;
    report.notes.push("the budget cannot be controlled".to_owned());
    let text = report.to_string();
    for line in [
        "a seed does not repeat this run",
        "new ones in 3 seeds of the last tenth: more seeds would see more",
        "note: the budget cannot be controlled",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn data_of_an_earlier_run_and_what_is_nobodys_is_said_so() {
    let mut report = leaked();
    report.leaks[0].first.owner = Sighting::EARLIER;
    report.leaks[0].first.field.clear();
    assert!(report.to_string().contains("session 1 saw data of an earlier run in the body"));
    report.leaks[0].first.seer = None;
    report.leaks[0].first.place = "cache".to_owned();
    assert!(report.to_string().contains("nobody's body `cache` held data of an earlier run"));
}

#[test]
fn a_long_story_and_many_leaks_are_bounded() {
    let mut report = leaked();
    report.leaks = vec![report.leaks[0].clone(); 1000];
    let mut goes_on = Moment::default();
    goes_on.what = StoryStep::Runs;
    let timeline = |report: &mut Report| report.story.take().map(|story| story.timeline);
    let ends = timeline(&mut leaked()).unwrap();
    let mut story = leaked().story.unwrap();
    story.timeline = [ends.clone(), vec![goes_on; 10_000], ends].concat();
    report.story = Some(story);
    let text = report.to_string();
    assert!(text.lines().count() < 150, "{}", text.lines().count());
    assert!(text.contains("… and 992 more ways") && text.contains("moments left out"), "{text}");
    assert!(text.contains("     8  session 1 saw `note`"), "the end is there");
}
