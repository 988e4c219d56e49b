//! What a run found, and what its pass is worth, as text, JSON and a page.

mod json;
mod page;
mod text;

use request_context::testing::Coverage;
use request_context::testing::Leak;
use request_context::testing::Matrix;
use request_context::testing::Moment;
use request_context::testing::Planted;
use request_context::testing::Report;
use request_context::testing::Sighting;
use request_context::testing::Sink;
use request_context::testing::Story;
use request_context::testing::StoryStep;
use request_context::testing::Vacuous;

/// A pass of 200 seeds.
fn isolated() -> Report {
    let mut report = Report::default();
    report.name = "profile".to_owned();
    report.seeds = 0..200;
    report.seeds_run = 200;
    report.sessions = 8;
    report.requests = 4;
    report.answered = 6400;
    report.schedules = 200;
    report.schedule = "uniform, tokio's budget of 128 operations".to_owned();
    report.is_replayable = true;
    report.matrix = Matrix::new(8);
    (0..8).for_each(|session| report.matrix.add(session, session));
    let mut planted = Planted::default();
    planted.name = "last-value slot".to_owned();
    (planted.seeds, planted.found) = (200, 199);
    report.planted = vec![planted];
    report.coverage = Coverage::default();
    report.coverage.curve =
        (0..60).map(|part| (part * 3 + 1, 312 - 312 / (part + 1))).chain([(200, 312)]).collect();
    report.seconds = 0.42;
    report
}

/// A leak of session 0 to session 1, with a story.
fn leaked() -> Report {
    let mut report = isolated();
    let mut sighting = Sighting::default();
    (sighting.owner, sighting.seer, sighting.sink) = (0, Some(1), Sink::Body);
    sighting.field = "note".to_owned();
    sighting.form = "hex".to_owned();
    sighting.excerpt = r#"{"user":"7a71636336"}"#.to_owned();
    (sighting.request, sighting.step) = (Some(2), 9);
    let mut leak = Leak::default();
    leak.first = sighting.clone();
    (leak.seed, leak.seeds, leak.sightings) = (3, 199, 1412);
    report.leaks = vec![leak];
    for (seer, owner) in [(1, 0), (1, 0), (1, 0), (5, 2), (6, 7)] {
        report.matrix.add(seer, owner);
    }
    report.replay = Some("LEAK_SEED=3 cargo test profile".to_owned());
    let mut story = Story::default();
    (story.seed, story.sessions, story.requests, story.forced_switches) = (3, vec![0, 1], 2, 1);
    (story.shrunk_from, story.runs) = ((8, 32, 57), 41);
    let spans = "request > load".to_owned();
    let stops = StoryStep::Stops { forced: true, operation: Some(1), spans };
    let waits = StoryStep::Stops { forced: false, operation: None, spans: String::new() };
    let moments = [
        (0, 0, StoryStep::Sends("GET /profile with `note`".to_owned())),
        (1, 0, stops),
        (2, 1, StoryStep::Sends("GET /profile with `note`".to_owned())),
        (3, 1, StoryStep::Point("stored".to_owned())),
        (4, 1, waits),
        (5, 0, StoryStep::Runs),
        (6, 0, StoryStep::Receives("200 OK".to_owned())),
        (7, 0, StoryStep::Fault("its connection is closed".to_owned())),
        (8, 1, StoryStep::Sees(sighting.clone())),
    ];
    story.timeline = moments.into_iter().map(|(step, who, what)| moment(step, who, what)).collect();
    story.sighting = sighting;
    report.story = Some(story);
    report
}

fn moment(step: usize, session: usize, what: StoryStep) -> Moment {
    let mut moment = Moment::default();
    (moment.step, moment.session, moment.what) = (step, Some(session), what);
    moment
}

/// A run in which session 3 never saw its own header.
fn vacuous() -> Report {
    let mut report = isolated();
    let mut vacuous = Vacuous::default();
    (vacuous.sink, vacuous.sessions) = (Sink::Header, vec![3]);
    vacuous.instead = "4 x 401 Unauthorized".to_owned();
    report.vacuous = vec![vacuous];
    report
}
