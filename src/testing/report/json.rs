//! The report as JSON.

use super::Leak;
use super::Matrix;
use super::Moment;
use super::Planted;
use super::Report;
use super::Sighting;
use super::Story;
use super::StoryStep;
use super::Vacuous;
use super::words::verdict;
use serde_json::Value;
use serde_json::json;

impl Report {
    /// The report as JSON, for tools.
    ///
    /// The format has a name and a number, `"format": "request-context leak report 1"`. Within a number
    /// members are only added; a reader ignores those that it does not know.
    ///
    /// | member | what |
    /// |---|---|
    /// | `verdict` | `isolated`, `leaked` or `vacuous` |
    /// | `name`, `replay`, `decisions` | the test, the line for a shell that replays it, the replay file; or null |
    /// | `trace` | 16 hexadecimal digits |
    /// | `seeds` | `first`, `end` (not run any more), `run` |
    /// | `sessions`, `requests`, `answered`, `stuck`, `restless`, `schedules`, `schedule`, `replayable`, `seconds` | as in the report |
    /// | `matrix` | who saw whom: `[seer, owner, times]`, also with `seer` = `owner`; what is not there is 0 |
    /// | `leaks` | `seed`, `seeds`, `sightings` and `first`, a sighting |
    /// | `story` | null, or `seed`, `sessions`, `requests`, `forced_switches`, `shrunk_from`, `runs`, `timeline`, `sighting` |
    /// | `vacuous` | `sink`, `sessions`, `instead` |
    /// | `planted` | `name`, `seeds`, `found` |
    /// | `coverage` | `curve` (`[seeds, pairs]`), `pairs`, `late_seeds_with_new_pairs` |
    /// | `notes` | texts |
    ///
    /// A sighting has `owner` (null for an earlier run), `seer` (null for nobody), `sink`, `place`,
    /// `field`, `form`, `excerpt`, `request` or null, and `step`. A moment of the timeline has `step`,
    /// `session` or null, `task`, `what`, and what belongs to it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let report = json!({
            "format": "request-context leak report 1",
            "verdict": verdict(self),
            "name": self.name,
            "replay": self.replay,
            "decisions": self.decisions,
            // A number of JSON is a double to most readers.
            "trace": format!("{:016x}", self.trace),
            "seeds": { "first": self.seeds.start, "end": self.seeds.end, "run": self.seeds_run },
            "sessions": self.sessions,
            "requests": self.requests,
            "answered": self.answered,
            "stuck": self.stuck,
            "restless": self.restless,
            "schedules": self.schedules,
            "schedule": self.schedule,
            "replayable": self.is_replayable,
            "seconds": self.seconds,
            "matrix": matrix(&self.matrix),
            "leaks": self.leaks.iter().map(leak).collect::<Vec<_>>(),
            "story": self.story.as_ref().map(story),
            "vacuous": self.vacuous.iter().map(vacuous).collect::<Vec<_>>(),
            "planted": self.planted.iter().map(planted).collect::<Vec<_>>(),
            "coverage": {
                "curve": self.coverage.curve,
                "pairs": self.coverage.pairs(),
                "late_seeds_with_new_pairs": self.coverage.late_seeds_with_new_pairs,
            },
            "notes": self.notes,
        });
        format!("{report:#}\n")
    }
}

fn matrix(matrix: &Matrix) -> Vec<[u64; 3]> {
    let sessions = matrix.sessions();
    let pairs = (0..sessions).flat_map(|seer| (0..sessions).map(move |owner| (seer, owner)));
    pairs
        .map(|(seer, owner)| [seer as u64, owner as u64, matrix.seen(seer, owner)])
        .filter(|[_, _, times]| *times > 0)
        .collect()
}

fn leak(leak: &Leak) -> Value {
    json!({
        "seed": leak.seed,
        "seeds": leak.seeds,
        "sightings": leak.sightings,
        "first": sighting(&leak.first),
    })
}

fn sighting(sighting: &Sighting) -> Value {
    json!({
        "owner": (sighting.owner != Sighting::EARLIER).then_some(sighting.owner),
        "seer": sighting.seer,
        "sink": sighting.sink.name(),
        "place": sighting.place,
        "field": sighting.field,
        "form": sighting.form,
        "excerpt": sighting.excerpt,
        "request": sighting.request,
        "step": sighting.step,
    })
}

fn story(story: &Story) -> Value {
    let (sessions, requests, forced_switches) = story.shrunk_from;
    json!({
        "seed": story.seed,
        "sessions": story.sessions,
        "requests": story.requests,
        "forced_switches": story.forced_switches,
        "shrunk_from": {
            "sessions": sessions,
            "requests": requests,
            "forced_switches": forced_switches,
        },
        "runs": story.runs,
        "timeline": story.timeline.iter().map(moment).collect::<Vec<_>>(),
        "sighting": sighting(&story.sighting),
    })
}

fn moment(moment: &Moment) -> Value {
    let (what, more) = match &moment.what {
        StoryStep::Runs => ("runs", json!({})),
        StoryStep::Sends(request) => ("sends", json!({ "request": request })),
        StoryStep::Stops { forced, operation, spans } => {
            ("stops", json!({ "forced": forced, "operation": operation, "spans": spans }))
        }
        StoryStep::Receives(status) => ("receives", json!({ "status": status })),
        StoryStep::Fault(fault) => ("fault", json!({ "fault": fault })),
        StoryStep::Point(name) => ("point", json!({ "point": name })),
        StoryStep::Starts { task } => ("starts", json!({ "started": task })),
        StoryStep::Sees(seen) => ("sees", json!({ "sighting": sighting(seen) })),
    };
    let Moment { step, session, task, .. } = moment;
    let mut moment = json!({ "step": step, "session": session, "task": task, "what": what });
    if let (Some(moment), Value::Object(mut more)) = (moment.as_object_mut(), more) {
        moment.append(&mut more);
    }
    moment
}

fn vacuous(vacuous: &Vacuous) -> Value {
    json!({
        "sink": vacuous.sink.name(),
        "sessions": vacuous.sessions,
        "instead": vacuous.instead,
    })
}

fn planted(planted: &Planted) -> Value {
    json!({ "name": planted.name, "seeds": planted.seeds, "found": planted.found })
}
