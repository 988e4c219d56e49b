//! What a leak test was told.

use super::subject::LocalFuture;
use super::test_request::TestRequest;
use super::visitor::Visitor;
use crate::testing::canary::CanaryFields;
use crate::testing::canary::CanaryKind;
use crate::testing::schedule::Hold;
use crate::testing::schedule::Mode;
use crate::testing::schedule::Rng;
use crate::testing::sinks::Sink;
use std::ops::Range;
use std::time::Duration;

pub(super) type MakeRequest = Box<dyn Fn(&Visitor, usize, &mut Rng) -> TestRequest + Send>;
/// What a place holds: of one visitor, or of nobody any more.
pub(super) type Dump = Box<dyn Fn(Option<&Visitor>) -> LocalFuture<'static, Vec<u8>> + Send>;

/// What a leak test was told.
pub(super) struct Settings {
    pub(super) name: Option<String>,
    /// The test that this is, by the name of its thread.
    pub(super) test: Option<String>,
    pub(super) sessions: usize,
    pub(super) requests: usize,
    pub(super) seeds: Range<u64>,
    pub(super) fields: CanaryFields,
    pub(super) shared: Vec<String>,
    pub(super) expected: Vec<Sink>,
    pub(super) login: Option<MakeRequest>,
    pub(super) request: Option<MakeRequest>,
    pub(super) logout: Option<MakeRequest>,
    /// What is requested where no request was given, each a path with or without a method.
    pub(super) routes: Vec<String>,
    /// Whether it logs in, where no login was given.
    pub(super) logs_in: bool,
    pub(super) faults: FaultRates,
    pub(super) shares_connections: bool,
    pub(super) replay: Option<String>,
    pub(super) mode: Mode,
    pub(super) holds: Vec<Hold>,
    pub(super) keeps_going: bool,
    pub(super) plants: bool,
    pub(super) real_time: bool,
    pub(super) time_limit: Option<Duration>,
    pub(super) stores: Vec<(String, Dump)>,
    pub(super) residues: Vec<(String, Dump)>,
    /// How many tasks, and contexts, of all sessions may be left behind in one run.
    pub(super) tasks_allowed: usize,
    pub(super) contexts_allowed: usize,
}

/// How likely each fault is, for each request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FaultRates {
    pub(super) cancel: f64,
    pub(super) panic: f64,
    pub(super) timeout: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            test: None,
            sessions: 8,
            requests: 4,
            seeds: 0..200,
            fields: CanaryFields::new().with("email", CanaryKind::Email),
            shared: Vec::new(),
            expected: vec![Sink::Body],
            login: None,
            request: None,
            logout: None,
            routes: Vec::new(),
            logs_in: false,
            faults: FaultRates::default(),
            shares_connections: false,
            replay: None,
            mode: Mode::default(),
            holds: Vec::new(),
            keeps_going: false,
            plants: true,
            real_time: false,
            time_limit: None,
            stores: Vec::new(),
            residues: Vec::new(),
            tasks_allowed: 0,
            contexts_allowed: 0,
        }
    }
}
