//! All seeds, and what they come to.

use super::defaults;
use super::plan::Plan;
use super::plant::Plant;
use super::route::MOST_ROUTES;
use super::route::best_of;
use super::run::Outcome;
use super::run::Runner;
use super::shrink::shrink;
use super::worth::Worth;
use crate::testing::report::Coverage;
use crate::testing::report::Leak;
use crate::testing::report::Matrix;
use crate::testing::report::Planted;
use crate::testing::report::Progress;
use crate::testing::report::Report;
use crate::testing::report::Vacuous;
use crate::testing::schedule::Mode;
use crate::testing::schedule::mixed;
use crate::testing::sinks::Sink;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::io;
use std::time::Instant;

/// In how many seeds each leak is planted.
const PLANTED_SEEDS: u64 = 8;
/// If nothing was answered in as many seeds, nothing will be.
const SILENT_SEEDS: u64 = 3;

/// What was found so far.
pub(super) struct Search<'a> {
    runner: &'a mut Runner,
    report: Report,
    pairs: HashSet<u64>,
    traces: HashSet<u64>,
    /// Whether each of the last seeds saw a new pair.
    was_new: Vec<bool>,
    own: BTreeSet<(usize, Sink)>,
    worth: Worth,
    notes: BTreeSet<String>,
    leaking: Option<Outcome>,
}

impl<'a> Search<'a> {
    pub(super) fn new(runner: &'a mut Runner, name: String) -> Self {
        let settings = &runner.settings;
        let report = Report {
            name,
            seeds: settings.seeds.clone(),
            sessions: settings.sessions,
            requests: settings.requests,
            is_replayable: !runner.is_remote() && !settings.real_time,
            matrix: Matrix::new(settings.sessions),
            ..Report::default()
        };
        Self {
            runner,
            report,
            pairs: HashSet::new(),
            traces: HashSet::new(),
            was_new: Vec::new(),
            own: BTreeSet::new(),
            worth: Worth::default(),
            notes: BTreeSet::new(),
            leaking: None,
        }
    }

    /// Runs all seeds, or the one replay.
    pub(super) fn run(mut self, replay: Option<Plan>) -> io::Result<Report> {
        let start = Instant::now();
        match replay {
            Some(plan) => self.replay(&plan)?,
            None => self.run_seeds(start)?,
        }
        self.report.schedules = self.traces.len() as u64;
        self.report.schedule = self.schedule();
        self.check_own();
        let worth = self.worth.notes(&self.report, self.runner.is_remote());
        self.notes.extend(worth);
        if self.report.is_replayable
            && let Some(outcome) = self.leaking.take()
        {
            let (story, plan, repeats) = shrink(self.runner, &outcome)?;
            self.report.replay = Some(self.replay_line(&plan));
            self.report.decisions = Some(plan.to_string());
            self.report.story = story;
            if !repeats {
                self.note(
                    "the leak did not come again when its decisions were replayed: what the \
                     program keeps between two runs, or what no seed governs, has a part in it",
                );
            }
        }
        self.report.notes = self.notes.into_iter().collect();
        self.report.seconds = start.elapsed().as_secs_f64();
        Ok(self.report)
    }

    fn run_seeds(&mut self, start: Instant) -> io::Result<()> {
        let settings = &self.runner.settings;
        let (seeds, sessions) = (settings.seeds.clone(), settings.sessions);
        let (keeps_going, limit) = (settings.keeps_going, settings.time_limit);
        let plants = settings.plants;
        self.find_routes(seeds.start)?;
        let mut progress = Progress::new(&self.report.name, seeds.end.saturating_sub(seeds.start));
        for seed in seeds.clone() {
            let outcome = self.runner.run(&Plan::of_seed(seed, sessions), None, false)?;
            let is_stuck = outcome.trace.stuck.is_some();
            if seed == seeds.start && self.report.is_replayable && !is_stuck {
                self.run_twice(&outcome)?;
            }
            self.add(seed, outcome);
            let report = &self.report;
            progress.seed(report.seeds_run, self.pairs.len() as u64, report.leaks.len() as u64);
            if !self.report.leaks.is_empty() && !keeps_going {
                break;
            }
            if self.report.answered == 0
                && self.report.seeds_run >= SILENT_SEEDS
                && !self.runner.settings.expected.is_empty()
            {
                self.note("nothing was answered, so the search was given up");
                break;
            }
            if self.report.restless > 0 && !keeps_going {
                break;
            }
            if self.report.stuck > 0 && self.runner.settings.real_time && !keeps_going {
                self.note("the search was given up there: each such seed takes its time");
                break;
            }
            if limit.is_some_and(|limit| start.elapsed() > limit) {
                self.note("the time limit ended the search before its last seed");
                break;
            }
        }
        self.report.coverage = self.coverage();
        if plants && self.report.leaks.is_empty() && self.report.answered > 0 {
            self.plant(seeds.start, sessions)?;
        }
        Ok(())
    }

    /// Where nobody said what to request: finds out what there is.
    fn find_routes(&mut self, seed: u64) -> io::Result<()> {
        let settings = &self.runner.settings;
        if settings.request.is_some() || !settings.routes.is_empty() || !self.runner.is_service() {
            return Ok(());
        }
        let settings = &mut self.runner.settings;
        let candidates = defaults::candidates();
        let requests = std::mem::replace(&mut settings.requests, candidates.len());
        settings.routes = candidates;
        let outcome = self.runner.run(&Plan::of_seed(seed, 1), None, false)?;
        let settings = &mut self.runner.settings;
        let (routes, others) = best_of(outcome.found);
        settings.routes = routes;
        let routes = settings.routes.len();
        settings.routes.retain(|route| route != defaults::LOGIN);
        settings.logs_in = settings.login.is_none() && settings.routes.len() < routes;
        // Each of them at least twice: to give, and to be shown.
        settings.requests = requests.max((2 * settings.routes.len()).min(MOST_ROUTES));
        self.report.requests = settings.requests;
        self.runner.forget_length();
        let settings = &self.runner.settings;
        if others > 0 {
            let note = format!(
                "{others} more paths were answered, with less to go by, and left out: give `.paths(..)`"
            );
            self.notes.insert(note);
        }
        let note = match settings.routes.as_slice() {
            [] => "no request was given, and nothing is at the paths that were tried: give \
                   `.request(..)` or `.paths(..)`"
                .to_owned(),
            routes => format!("no request was given; these were found: {}", routes.join(", ")),
        };
        self.note(&note);
        Ok(())
    }

    fn replay(&mut self, plan: &Plan) -> io::Result<()> {
        let seed = plan.seed;
        self.find_routes(seed)?;
        self.report.seeds = seed..seed + 1;
        let outcome = self.runner.run(plan, None, false)?;
        self.add(seed, outcome);
        self.note("this was a replay: it says nothing of other schedules");
        Ok(())
    }

    /// Finds out whether the seed alone says what happens.
    fn run_twice(&mut self, first: &Outcome) -> io::Result<()> {
        let plan = Plan { steps: None, faults: None, ..first.plan.clone() };
        let second = self.runner.run(&plan, None, false)?;
        let (one, two) = (&first.trace, &second.trace);
        if one.marks == two.marks {
            return Ok(());
        }
        let differs = one.marks.iter().zip(&two.marks).position(|(one, two)| one != two);
        let step = differs.unwrap_or_else(|| one.marks.len().min(two.marks.len()));
        let task = one.steps.get(step).or_else(|| two.steps.get(step));
        let task = task.map(|step| step.task.to_string()).unwrap_or_default();
        self.note(&format!(
            "seed {}, run twice, was not the same from step {step} on, in session {task}: what the \
             program keeps between two runs, threads, sockets, the order of a HashMap and random \
             numbers are not governed by the seed",
            plan.seed,
        ));
        Ok(())
    }

    fn add(&mut self, seed: u64, outcome: Outcome) {
        let report = &mut self.report;
        report.seeds_run += 1;
        report.answered += outcome.seen.answered;
        let trace = outcome.trace.hash();
        report.trace = mixed(report.trace, trace);
        self.traces.insert(trace);
        let before = self.pairs.len();
        self.pairs.extend(&outcome.trace.pairs);
        let is_new = self.pairs.len() > before;
        self.was_new.push(is_new);
        if is_new {
            report.coverage.curve.push((report.seeds_run, self.pairs.len() as u64));
        }
        for ((seer, owner), times) in &outcome.seen.pairs {
            report.matrix.add_times(*seer, *owner, *times);
        }
        self.own.extend(&outcome.seen.own);
        self.worth.add(seed, &outcome);
        self.notes.extend(outcome.seen.notes.iter().cloned());
        self.report.stuck += u64::from(outcome.trace.stuck.is_some());
        let is_restless = outcome.trace.stuck.as_ref().is_some_and(|stuck| stuck.is_restless);
        self.report.restless += u64::from(is_restless);
        if outcome.lost_calls > 0 {
            self.notes.insert(
                "a blocking call took more than 500 ms, or waited for another task: when it ended \
                 is not governed by the seed"
                    .to_owned(),
            );
        }
        add_leaks(&mut self.report.leaks, seed, &outcome);
        if !outcome.seen.sightings.is_empty() && self.leaking.is_none() {
            self.leaking = Some(outcome);
        }
    }

    fn plant(&mut self, first_seed: u64, sessions: usize) -> io::Result<()> {
        for plant in Plant::ALL {
            let mut found = 0;
            for seed in first_seed..first_seed + PLANTED_SEEDS {
                let outcome =
                    self.runner.run(&Plan::of_seed(seed, sessions), Some(plant), false)?;
                found += u64::from(!outcome.seen.sightings.is_empty());
            }
            let name = plant.name().to_owned();
            self.report.planted.push(Planted { name, seeds: PLANTED_SEEDS, found });
        }
        Ok(())
    }

    fn coverage(&self) -> Coverage {
        let mut curve = self.report.coverage.curve.clone();
        let last = (self.report.seeds_run, self.pairs.len() as u64);
        if last.0 > 0 && curve.last() != Some(&last) {
            curve.push(last);
        }
        let late = self.was_new.len().div_ceil(10);
        let late = self.was_new.iter().rev().take(late).filter(|new| **new).count() as u64;
        Coverage { curve, late_seeds_with_new_pairs: late }
    }

    /// Finds the expected sinks in which some session never saw itself.
    fn check_own(&mut self) {
        let sessions = 0..self.runner.settings.sessions;
        let instead = self.worth.outcomes();
        for sink in &self.runner.settings.expected {
            let missing = sessions.clone().filter(|session| !self.own.contains(&(*session, *sink)));
            let missing: Vec<_> = missing.collect();
            if !missing.is_empty() {
                let instead = instead.clone();
                self.report.vacuous.push(Vacuous { sink: *sink, sessions: missing, instead });
            }
        }
    }

    fn schedule(&mut self) -> String {
        if self.runner.is_remote() {
            return "that of the server, over sockets".to_owned();
        }
        let mode = match self.runner.settings.mode {
            Mode::Mixed => "uniform and PCT of depth 2 and 3".to_owned(),
            Mode::Uniform => "uniform".to_owned(),
            Mode::Pct { depth } => format!("PCT of depth {depth}"),
        };
        match self.runner.budget().map(crate::testing::schedule::Budget::units) {
            Some(Some(units)) => {
                format!("{mode}; stops within tokio's budget of {units} operations")
            }
            _ => {
                self.note(
                    "tokio's budget cannot be controlled here: sessions switch only where they wait",
                );
                format!("{mode}; no forced stops")
            }
        }
    }

    fn replay_line(&self, plan: &Plan) -> String {
        let test = match &self.runner.settings.test {
            Some(test) => format!(" {} -- --exact", quoted(test)),
            None => String::new(),
        };
        format!("LEAK_REPLAY='{plan}' cargo test{test}")
    }

    fn note(&mut self, note: &str) {
        self.notes.insert(note.to_owned());
    }
}

/// As a word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-' | '.' | '/');
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn add_leaks(leaks: &mut Vec<Leak>, seed: u64, outcome: &Outcome) {
    let mut counted = Vec::new();
    for sighting in &outcome.seen.sightings {
        let same = |leak: &Leak| {
            let first = &leak.first;
            (first.sink, &first.place, &first.field)
                == (sighting.sink, &sighting.place, &sighting.field)
        };
        let at = leaks.iter().position(same).unwrap_or_else(|| {
            let (first, seeds, sightings) = (sighting.clone(), 0, 0);
            leaks.push(Leak { first, seed, seeds, sightings });
            leaks.len() - 1
        });
        leaks[at].sightings += 1;
        if !counted.contains(&at) {
            leaks[at].seeds += 1;
            counted.push(at);
        }
    }
}
