//! What must not happen, how often it did, and why it does.

use super::Drive;
use super::log::Audit;
use super::tally::Tally;

/// What was measured.
pub(super) struct Findings {
    pub(super) facts: Vec<(&'static str, usize)>,
    pub(super) faults: Vec<Fault>,
}

/// Something that must not happen.
pub(super) struct Fault {
    pub(super) what: &'static str,
    pub(super) found: usize,
    pub(super) of: usize,
    pub(super) why: &'static str,
    pub(super) sample: Option<String>,
}

impl Findings {
    pub(super) fn all_held(&self) -> bool {
        self.faults.iter().all(Fault::held)
    }
}

impl Fault {
    /// Whether it did not happen. Where nothing was looked at, nothing was shown.
    pub(super) fn held(&self) -> bool {
        self.found == 0 && self.of > 0
    }
}

pub(super) fn of(drive: &Drive, tally: &Tally, audit: &Audit) -> Findings {
    let facts = vec![
        ("requests", tally.requests),
        ("sessions", tally.sessions),
        ("keep-alive connections, on which users take turns", drive.connections),
        ("replies read slowly", tally.slow_reads),
        ("disconnects in mid-reply", tally.disconnects),
    ];
    let faults = [replies(tally), log_lines(audit), work(tally, audit)];
    Findings { facts, faults: faults.into_iter().flatten().collect() }
}

fn replies(tally: &Tally) -> Vec<Fault> {
    vec![
        Fault {
            what: "replies that held another user's name",
            found: tally.leaked,
            of: tally.replies,
            why: "what is said is kept where all requests reach it: the latest name wins",
            sample: tally.leak_sample.clone(),
        },
        Fault {
            what: "replies that did not follow from their own session",
            found: tally.misremembered,
            of: tally.complete,
            why: "a session was told a name that it never gave, or not the one that it gave",
            sample: None,
        },
    ]
}

fn log_lines(audit: &Audit) -> Vec<Fault> {
    vec![
        Fault {
            what: "log lines written inside a request without its IDs",
            found: audit.without_ids,
            of: audit.lines,
            why: "a plain spawn leaves the span behind; a stream outlives the handler's",
            sample: None,
        },
        Fault {
            what: "log lines with the IDs of another request",
            found: audit.foreign,
            of: audit.lines,
            why: "by the time of the line, another request had set the current user",
            sample: audit.foreign_sample.clone(),
        },
    ]
}

fn work(tally: &Tally, audit: &Audit) -> Vec<Fault> {
    vec![
        Fault {
            what: "tasks, blocking calls and streams that lost their context",
            found: audit.lost_work,
            of: audit.work,
            why: "started plainly or polled later: nothing says for whom they work",
            sample: None,
        },
        Fault {
            what: "requests that failed",
            found: tally.failures,
            of: tally.requests,
            why: "each stopped its user, so the rest was not tried",
            sample: tally.failure_sample.clone(),
        },
        Fault {
            what: "requests that left no log line",
            found: tally.requests.saturating_sub(audit.messages()),
            of: tally.requests,
            why: "what was not seen proves nothing",
            sample: None,
        },
    ]
}
