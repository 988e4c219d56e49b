//! `Observer`: what one run shows to whom.

use super::Sink;
use crate::testing::canary::Canaries;
use crate::testing::canary::CanaryMatch;
use crate::testing::report::Sighting;
use crate::testing::report::StoryStep;
use crate::testing::schedule::Board;
use crate::testing::schedule::LeftOver;
use crate::testing::schedule::WhatIsLeft;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

/// No more sightings than this are kept of one run.
const MOST_SIGHTINGS: usize = 256;

/// Looks into each sink of one run.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) board: Arc<Board>,
    canaries: Arc<Canaries>,
    /// How long a blocking call is waited for.
    pub(crate) patience: Duration,
    /// The names of the canaries that all may see.
    shared: Arc<[String]>,
    seen: Mutex<Seen>,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) sightings: Vec<Sighting>,
    /// Which session saw itself in which sink.
    pub(crate) own: BTreeSet<(usize, Sink)>,
    /// How often which seer saw which owner, also itself.
    pub(crate) pairs: BTreeMap<(usize, usize), u64>,
    /// What requests came to: `200 OK`.
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) answered: u64,
    /// Whether any request was stopped, or waited, before all of it was answered.
    pub(crate) has_stopped: bool,
    /// What the first request that panicked said.
    pub(crate) panic: Option<String>,
    pub(crate) notes: BTreeSet<String>,
}

/// Whose sink something is in, and which one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// None: nobody's, so that no canary may be there.
    pub(crate) seer: Option<usize>,
    pub(crate) sink: Sink,
    pub(crate) name: &'a str,
    pub(crate) request: Option<usize>,
}

impl Observer {
    pub(crate) fn new(
        board: Arc<Board>,
        canaries: Arc<Canaries>,
        shared: Arc<[String]>,
        patience: Duration,
    ) -> Arc<Self> {
        Arc::new(Self { board, canaries, patience, shared, seen: Mutex::default() })
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn canaries(&self) -> &Canaries {
        &self.canaries
    }

    /// Looks for canaries in what is in a sink.
    pub(crate) fn look(&self, place: Place<'_>, bytes: &[u8]) {
        for found in self.canaries.find(bytes) {
            self.note(place, &found);
        }
    }

    /// The canaries in `bytes`, other than those that all may see.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<CanaryMatch> {
        let mut found = self.canaries.find(bytes);
        found.retain(|found| !self.is_shared(found));
        found
    }

    /// Notes one canary in a sink.
    pub(crate) fn note(&self, place: Place<'_>, found: &CanaryMatch) {
        let owner = found.session().unwrap_or(Sighting::EARLIER);
        let mut seen = self.seen();
        if place.seer == Some(owner) {
            *seen.pairs.entry((owner, owner)).or_default() += 1;
            // That a login greets who logs in says nothing of what they are shown then.
            let is_of_reply =
                matches!(place.sink, Sink::Body | Sink::Chunk | Sink::ServerSentEvent);
            if !is_of_reply || place.request.is_some() {
                seen.own.insert((owner, place.sink));
            }
            return;
        }
        if self.is_shared(found) {
            return;
        }
        if let Some(seer) = place.seer {
            *seen.pairs.entry((seer, owner)).or_default() += 1;
        }
        if seen.sightings.len() >= MOST_SIGHTINGS {
            return;
        }
        let variant = found.variant().name();
        let part = if found.is_whole() { "" } else { ", a part of it" };
        let sighting = Sighting {
            owner,
            seer: place.seer,
            sink: place.sink,
            place: place.name.to_owned(),
            field: found.field().unwrap_or_default().to_owned(),
            form: format!("{variant}{part}"),
            excerpt: found.excerpt().to_owned(),
            request: place.request,
            step: self.board.step(),
        };
        if seen.sightings.iter().any(|known| is_same(known, &sighting)) {
            return;
        }
        seen.sightings.push(sighting.clone());
        drop(seen);
        self.board.tell(|| StoryStep::Sees(sighting));
    }

    /// Notes what a session has left behind.
    pub(crate) fn note_left(&self, left: LeftOver) {
        let LeftOver { session, request, what } = left;
        let (sink, place, excerpt) = match what {
            WhatIsLeft::Task => (Sink::LeftTask, "", String::new()),
            WhatIsLeft::PlainTask => (Sink::LeftTask, "tokio::spawn", String::new()),
            WhatIsLeft::Context(context) => (Sink::LeftContext, "", context),
        };
        let excerpt = excerpt.chars().take(160).collect();
        let (step, place) = (self.board.step(), place.to_owned());
        let (seer, field, form) = (None, String::new(), String::new());
        let sighting =
            Sighting { owner: session, seer, sink, place, field, form, excerpt, request, step };
        let mut seen = self.seen();
        if seen.sightings.len() < MOST_SIGHTINGS {
            seen.sightings.push(sighting.clone());
            drop(seen);
            self.board.tell_left(session, sighting);
        }
    }

    pub(crate) fn note_outcome(&self, outcome: String, is_answer: bool) {
        self.board.note_progress();
        let mut seen = self.seen();
        *seen.outcomes.entry(outcome).or_default() += 1;
        seen.answered += u64::from(is_answer);
    }

    pub(crate) fn note_stop(&self, is_stop: bool) {
        if is_stop {
            self.seen().has_stopped = true;
        }
    }

    pub(crate) fn note_panic(&self, message: &str) {
        self.seen().panic.get_or_insert_with(|| {
            message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
        });
    }

    pub(crate) fn note_text(&self, note: String) {
        self.seen().notes.insert(note);
    }

    fn is_shared(&self, found: &CanaryMatch) -> bool {
        found.field().is_some_and(|field| self.shared.iter().any(|shared| shared == field))
    }
}

fn is_same(a: &Sighting, b: &Sighting) -> bool {
    (a.owner, a.seer, a.sink, a.request) == (b.owner, b.seer, b.sink, b.request)
        && (&a.place, &a.field, &a.form) == (&b.place, &b.field, &b.form)
}
