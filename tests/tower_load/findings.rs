//! What was seen where it does not belong.

use crate::app::Mistake;
use request_context::RequestContext;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

#[derive(Default)]
pub(crate) struct Findings {
    foreign: Mutex<BTreeSet<String>>,
    checks: AtomicU64,
    /// Of each request that was authenticated, how often the hook was told of its end.
    ends: Mutex<BTreeMap<String, u32>>,
}

/// The user that the request with this ID is of: "u7" of "u7.w3.r12".
pub(crate) fn owner(id: &str) -> &str {
    id.split_once('.').map_or("", |(user, _)| user)
}

impl Findings {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What runs here is of the request `id`, and of its user if that is known yet.
    pub(crate) fn check(&self, stage: &str, id: &str, is_known: bool) {
        let expected = (id.to_owned(), is_known.then(|| owner(id).to_owned()));
        let seen = RequestContext::try_current().map(|context| {
            let user = context.user().map(ToString::to_string);
            (context.request_id().to_string(), user)
        });
        self.compare(
            stage,
            &format!("{expected:?}"),
            &match seen {
                Ok(seen) => format!("{seen:?}"),
                Err(_) => "nowhere".to_owned(),
            },
        );
    }

    pub(crate) fn compare(&self, stage: &str, expected: &str, seen: &str) {
        self.checks.fetch_add(1, Relaxed);
        if expected != seen {
            let finding = format!("{stage}: {seen} instead of {expected}");
            self.foreign.lock().unwrap().insert(finding);
        }
    }

    pub(crate) fn began(&self, id: &str) {
        if self.ends.lock().unwrap().insert(id.to_owned(), 0).is_some() {
            self.compare("authentication", "asked once", "asked twice");
        }
    }

    pub(crate) fn ended(&self, id: &str) {
        *self.ends.lock().unwrap().entry(id.to_owned()).or_insert(0) += 1;
    }

    pub(crate) fn begun(&self) -> u64 {
        self.ends.lock().unwrap().len() as u64
    }

    pub(crate) fn checks(&self) -> u64 {
        self.checks.load(Relaxed)
    }

    pub(crate) fn assert_none(&self) {
        let foreign = self.foreign.lock().unwrap();
        let some: Vec<_> = foreign.iter().take(10).collect();
        assert!(foreign.is_empty(), "{} findings, among them {some:#?}", foreign.len());
    }

    pub(crate) fn assert_some(&self, mistake: Mistake) {
        let foreign = self.foreign.lock().unwrap();
        assert!(!foreign.is_empty(), "{mistake:?} was not found");
    }

    pub(crate) fn assert_each_request_ended_once(&self) {
        let ends = self.ends.lock().unwrap();
        let others: Vec<_> = ends.iter().filter(|(_, ends)| **ends != 1).take(10).collect();
        assert!(others.is_empty(), "not told of exactly once: {others:?}");
    }
}
