//! What reports say in the same words.

use super::Moment;
use super::Report;
use super::Sighting;
use super::StoryStep;
use super::Vacuous;
use crate::testing::Sink;
use std::fmt;

/// A number with a comma after each three digits.
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A number of things.
pub(super) struct Counted(pub(super) u64, pub(super) &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", Grouped(self.0), self.1)
    }
}

/// The result in one word.
pub(super) fn verdict(report: &Report) -> &'static str {
    match (report.leaks.is_empty(), report.is_vacuous()) {
        (false, _) => "leaked",
        (true, true) => "vacuous",
        (true, false) => "isolated",
    }
}

/// The result in one sentence.
pub(super) fn summary(report: &Report) -> String {
    match verdict(report) {
        "leaked" if report.is_only_left_over() => {
            "no session saw another one's data, but what they left behind is there still".to_owned()
        }
        "leaked" => {
            format!("sessions saw others' data, in {}", Counted(report.leaks.len() as u64, "way"))
        }
        "vacuous" if report.restless > 0 => {
            "something went on without ever waiting, so the test was given up".to_owned()
        }
        "vacuous" => "nothing was seen, but nothing could have been seen".to_owned(),
        _ => format!("no session saw another one's data in {}", Counted(report.seeds_run, "seed")),
    }
}

/// What it is worth that sessions never saw their own data in a sink.
pub(super) fn unseen(report: &Report, Vacuous { sink, sessions, .. }: &Vacuous) -> String {
    let (count, all) = (sessions.len(), report.sessions);
    let never = format!("{count} of {all} sessions never saw their own data in the {sink}");
    if report.leaks.is_empty() {
        format!("vacuous: {never}, so it says nothing")
    } else {
        format!("{never}, so more may leak than was seen")
    }
}

/// What the run did: seeds, sessions, requests, schedules.
pub(super) fn extent(report: &Report) -> String {
    format!(
        "{} of {} with {} each; {} answered, {} by {}",
        Counted(report.seeds_run, "seed"),
        Counted(report.sessions as u64, "session"),
        Counted(report.requests as u64, "request"),
        Grouped(report.answered),
        Counted(report.schedules, "different schedule"),
        report.schedule,
    )
}

/// How much of the possible schedules was seen.
pub(super) fn explored(report: &Report) -> String {
    let pairs = Counted(report.coverage.pairs(), "distinct switch pair");
    let late = report.coverage.late_seeds_with_new_pairs;
    match late {
        0 => format!("{pairs}; no new one in the last tenth of the seeds"),
        _ => format!(
            "{pairs}; new ones in {} of the last tenth: more seeds would see more",
            Counted(late, "seed")
        ),
    }
}

/// Whether what was planted was found.
pub(super) fn planted(report: &Report) -> String {
    let planted: Vec<_> = report.planted.iter().filter(|planted| planted.seeds > 0).collect();
    let found = planted.iter().filter(|planted| planted.found > 0).count();
    let each: Vec<_> = planted
        .iter()
        .map(|one| format!("{} in {} of {}", one.name, Grouped(one.found), Grouped(one.seeds)))
        .collect();
    match each.as_slice() {
        [] if !report.leaks.is_empty() => "nothing had to be planted: a leak was found".to_owned(),
        [] => "no leak was planted".to_owned(),
        each => format!("{found} of {} planted leaks found: {}", each.len(), each.join(", ")),
    }
}

/// Whose data was seen by whom, where.
pub(super) fn sighted(sighting: &Sighting) -> String {
    match sighting.seer {
        _ if sighting.is_left_over() => format!("session {} {}", sighting.owner, left(sighting)),
        Some(seer) => format!("session {seer} {}", seen(sighting)),
        None => {
            let (place, what) = (place_of(sighting), what_of(sighting));
            format!("nobody's {place} held {what}{}", form_of(sighting))
        }
    }
}

/// What was seen, after "session 3".
fn seen(sighting: &Sighting) -> String {
    let (what, place, form) = (what_of(sighting), place_of(sighting), form_of(sighting));
    match sighting.request {
        Some(request) => format!("saw {what} in the {place} of its request {request}{form}"),
        None => format!("saw {what} in its {place}{form}"),
    }
}

/// What was left behind, after "session 3".
fn left(sighting: &Sighting) -> String {
    let what = match (sighting.sink, sighting.place.as_str()) {
        (Sink::LeftContext, _) => "context, made",
        (_, "") => "task that does not end, started",
        _ => "task of a plain `tokio::spawn` that does not end, started",
    };
    match sighting.request {
        Some(request) => format!("left behind a {what} in its request {request}"),
        None => format!("left behind a {what} as it logged in or out"),
    }
}

fn what_of(sighting: &Sighting) -> String {
    let owner = match sighting.owner {
        Sighting::EARLIER => "of an earlier run".to_owned(),
        owner => format!("of session {owner}"),
    };
    match sighting.field.as_str() {
        "" => format!("data {owner}"),
        field => format!("`{field}` {owner}"),
    }
}

fn place_of(sighting: &Sighting) -> String {
    match sighting.place.as_str() {
        "" => sighting.sink.to_string(),
        place => format!("{} `{place}`", sighting.sink),
    }
}

fn form_of(sighting: &Sighting) -> String {
    match sighting.form.as_str() {
        "" | "as is" => String::new(),
        form => format!(" ({form})"),
    }
}

/// What happens at a moment, after "session 3".
pub(super) fn happens(moment: &Moment) -> String {
    match &moment.what {
        StoryStep::Runs => "goes on".to_owned(),
        StoryStep::Sends(request) => format!("sends {request}"),
        StoryStep::Receives(status) => format!("receives {status}"),
        StoryStep::Fault(fault) => format!("is disturbed: {fault}"),
        StoryStep::Point(name) => format!("passes the point {name}"),
        StoryStep::Starts { task: Some(task) } => format!("starts task {task}"),
        StoryStep::Starts { task: None } => "starts a task of a plain `tokio::spawn`".to_owned(),
        StoryStep::Sees(sighting) if sighting.is_left_over() => left(sighting),
        StoryStep::Sees(sighting) => seen(sighting),
        StoryStep::Stops { forced, operation, spans } => {
            let at = match operation {
                Some(operation) => format!(" at tokio operation {operation}"),
                None => String::new(),
            };
            let why = if *forced { ", which was ready" } else { ", waiting" };
            let spans = match spans.as_str() {
                "" => String::new(),
                spans => format!(", in {spans}"),
            };
            format!("is stopped{at}{why}{spans}")
        }
    }
}

/// Who does it.
pub(super) fn who(moment: &Moment) -> String {
    let session = match moment.session {
        Some(session) => format!("session {session}"),
        None => "nobody".to_owned(),
    };
    match moment.task {
        0 => session,
        task => format!("{session}, task {task},"),
    }
}

/// Whether another session goes on at `moment` than at the one before.
pub(super) fn is_switch(before: Option<&Moment>, moment: &Moment) -> bool {
    before.is_some_and(|before| before.session != moment.session)
}

/// Whether the schedule forced the switch after `before`.
pub(super) fn is_forced(before: Option<&Moment>) -> bool {
    before.is_some_and(|before| matches!(before.what, StoryStep::Stops { forced: true, .. }))
}
