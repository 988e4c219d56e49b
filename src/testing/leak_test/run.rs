//! One run: a seed or a replay, from the start of the program to what it leaves behind.

use super::exchange::STREAM;
use super::fault::Fault;
use super::plan::Plan;
use super::plant::Plant;
use super::plant::Planting;
use super::program::Running;
use super::route::FoundRoute;
use super::session::World;
use super::session::visit;
use super::settings::Settings;
use super::subject::Program;
use super::subject::ProgramKind;
use super::visitor::Visitor;
use crate::context::census::set_census;
use crate::scope::schedule::set_schedule;
use crate::testing::canary::Canaries;
use crate::testing::report::Moment;
use crate::testing::schedule::Board;
use crate::testing::schedule::Budget;
use crate::testing::schedule::ContextsOfRun;
use crate::testing::schedule::Mode;
use crate::testing::schedule::Policy;
use crate::testing::schedule::Root;
use crate::testing::schedule::SessionFuture;
use crate::testing::schedule::TasksLeft;
use crate::testing::schedule::Trace;
use crate::testing::schedule::Watch;
use crate::testing::schedule::set_board;
use crate::testing::sinks::Capture;
use crate::testing::sinks::Observer;
use crate::testing::sinks::Place;
use crate::testing::sinks::Seen;
use crate::testing::sinks::Sink;
use crate::testing::sinks::TasksOfRun;
use crate::testing::sinks::set_observer;
use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use tokio::runtime;
use tokio::runtime::Handle;
use tokio::runtime::Runtime;
use tracing::Dispatch;
use tracing::dispatcher;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// How long what still blocks after a run is waited for.
pub(super) const SHUTDOWN: Duration = Duration::from_secs(1);
/// How long a context that no task has may still be with a thread.
const GRACE: Duration = Duration::from_millis(500);
/// How long a turn waits for a blocking call. One that needs more may need another task.
const CALL: Duration = Duration::from_millis(500);

/// Runs plans, one after the other.
pub(super) struct Runner {
    pub(super) settings: Settings,
    pub(super) program: Program,
    shared: Arc<[String]>,
    pub(super) capture: Capture,
    pub(super) dispatch: Dispatch,
    budget: Option<Budget>,
    /// How many steps a run of all sessions takes, about; none until it is asked for.
    length: Option<usize>,
    /// How long a blocking call is waited for.
    patience: Duration,
    /// How long a thread of the program may still have a context that no task has any more.
    grace: Cell<Duration>,
    watch: Watch,
}

/// What came of one run.
pub(super) struct Outcome {
    pub(super) trace: Trace,
    pub(super) seen: Seen,
    pub(super) moments: Vec<Moment>,
    /// The run as it was, to be run again.
    pub(super) plan: Plan,
    pub(super) lost_calls: u64,
    pub(super) has_plain_tasks: bool,
    /// The routes that were answered, each as a method and a path.
    pub(super) found: Vec<FoundRoute>,
}

/// What the sessions of a run came to.
struct Ran<'a> {
    /// With the program, where tasks are left.
    world: Option<Rc<World<'a>>>,
    trace: Trace,
    budget: Option<Budget>,
    faults: BTreeMap<(usize, usize), Fault>,
    found: Vec<FoundRoute>,
    /// The tasks that sessions have left, or that the program has started by itself meanwhile.
    left: TasksLeft,
    /// How long it took, in the time of the runtime.
    took: Duration,
}

impl Runner {
    pub(super) fn new(settings: Settings, program: Program) -> Self {
        let capture = Capture::default();
        let dispatch = Dispatch::new(registry().with(capture.clone()));
        let shared = Arc::from(settings.shared.clone());
        Self {
            settings,
            program,
            shared,
            capture,
            dispatch,
            budget: None,
            length: None,
            patience: CALL,
            grace: Cell::new(GRACE),
            watch: Watch::default(),
        }
    }

    /// Whether the program runs elsewhere, so that nothing of it is scheduled.
    pub(super) fn is_remote(&self) -> bool {
        self.program.is_remote
    }

    pub(super) fn is_service(&self) -> bool {
        matches!(self.program.kind, ProgramKind::Service(_))
    }

    pub(super) fn budget(&self) -> Option<Budget> {
        self.budget
    }

    /// Says that what sessions send from now on is not what it was.
    pub(super) fn forget_length(&mut self) {
        self.length = None;
    }

    /// Runs one plan; `tells` if its story is wanted.
    pub(super) fn run(
        &mut self,
        plan: &Plan,
        planted: Option<Plant>,
        tells: bool,
    ) -> io::Result<Outcome> {
        let policy = self.policy(plan)?;
        self.run_by(policy, plan, planted, tells)
    }

    /// What decides in a run of this plan: the same whatever was run before, in this process or not.
    fn policy(&mut self, plan: &Plan) -> io::Result<Policy> {
        if let Some(steps) = &plan.steps {
            return Ok(Policy::replay(steps.clone()));
        }
        let mode = self.settings.mode.of_seed(plan.seed);
        if mode == Mode::Uniform || plan.sessions.len() < 2 {
            // A single session has no others to be put behind.
            return Ok(Policy::of_seed(Mode::Uniform, plan.seed, 0));
        }
        let all = self.settings.sessions;
        let length = match self.length {
            Some(length) => length,
            None => {
                let uniform = Policy::of_seed(Mode::Uniform, 0, 0);
                let outcome = self.run_by(uniform, &Plan::of_seed(0, all), None, false)?;
                *self.length.insert(outcome.trace.steps.len())
            }
        };
        Ok(Policy::of_seed(mode, plan.seed, length * plan.sessions.len() / all))
    }

    fn run_by(
        &mut self,
        policy: Policy,
        plan: &Plan,
        planted: Option<Plant>,
        tells: bool,
    ) -> io::Result<Outcome> {
        let runtime = self.runtime()?;
        let canaries = Arc::new(Canaries::new(plan.seed, self.settings.fields.clone()));
        let board = Board::new(&plan.sessions, tells);
        let (shared, patience) = (Arc::clone(&self.shared), self.patience);
        let observer = Observer::new(Arc::clone(&board), Arc::clone(&canaries), shared, patience);
        let handle = runtime.handle().clone();
        let on_stage = OnStage::enter(&self.capture, &observer);
        let run = self.run_all(policy, plan, planted, &observer, &canaries);
        let ran = dispatcher::with_default(&self.dispatch, || runtime.block_on(run));
        dispatcher::with_default(&self.dispatch, || runtime.shutdown_timeout(SHUTDOWN));
        let Ran { world, trace, budget, faults, found, left, took } = ran;
        if !left.tasks.is_empty() {
            // With the runtime all tasks have ended, and what they had is gone; not what the program has.
            self.look_for_contexts(&observer);
        }
        {
            // Whatever is dropped may ask for its runtime.
            let _runtime = handle.enter();
            drop(world);
        }
        drop(on_stage);
        self.note_tasks_left(left, took, &observer)?;
        self.budget = budget;
        if board.lost_calls() > 0 {
            // They would be lost in each run.
            self.patience = Duration::ZERO;
        }
        let steps = Some(trace.steps.clone());
        let plan = Plan { steps, faults: Some(faults), ..plan.clone() };
        let seen = observer.seen().clone();
        Ok(Outcome {
            trace,
            seen,
            moments: board.take_moments(),
            plan,
            lost_calls: board.lost_calls(),
            has_plain_tasks: board.has_plain_tasks(),
            found,
        })
    }

    async fn run_all<'a>(
        &'a self,
        policy: Policy,
        plan: &'a Plan,
        planted: Option<Plant>,
        observer: &Arc<Observer>,
        canaries: &Arc<Canaries>,
    ) -> Ran<'a> {
        let world = Rc::new(World {
            settings: &self.settings,
            plan,
            observer: Arc::clone(observer),
            running: Running::start(&self.program, self.settings.shares_connections),
            planted: planted.map(Planting::new),
            faults: RefCell::default(),
            found: RefCell::default(),
        });
        let visitors =
            plan.sessions.iter().map(|session| Visitor::new(*session, Arc::clone(canaries)));
        let visitors: Vec<_> = visitors.collect();
        let visits = visitors.iter().map(|visitor| -> SessionFuture<'_> {
            Box::pin(visit(Rc::clone(&world), visitor.clone()))
        });
        let board = Arc::clone(&observer.board);
        let holds = self.settings.holds.clone();
        let root = self.root(Root::new(board, visits.collect(), policy, holds));
        let begun = tokio::time::Instant::now();
        let (trace, budget) = root.run().await;
        let took = begun.elapsed();
        self.look_after(observer, &visitors).await;
        let is_over = trace.stuck.is_none();
        let left = if is_over { self.look_for_left_overs(observer) } else { TasksLeft::default() };
        let (faults, found) = (world.faults.take(), world.found.take());
        let world = (!left.tasks.is_empty()).then_some(world);
        Ran { world, trace, budget, faults, found, left, took }
    }

    /// With the limits of this test.
    pub(super) fn root<'a>(&'a self, mut root: Root<'a>) -> Root<'a> {
        root.budget = self.budget;
        // Each request may be answered by a stream that is left at its limit.
        root.patience += STREAM * self.settings.requests as u32;
        if self.is_remote() {
            // What stops a client does nothing to the server.
            (root.budget, root.bursts) = (Some(Budget::whole()), true);
        }
        if self.settings.real_time {
            (root.patience, root.settle) = (Duration::from_secs(30), Duration::from_secs(5));
        }
        root.watch = (!self.settings.real_time).then_some(&self.watch);
        root
    }

    /// The tasks that may have been left by sessions; if there are none, looks for contexts.
    fn look_for_left_overs(&self, observer: &Observer) -> TasksLeft {
        if self.is_remote() {
            return TasksLeft::default();
        }
        let left = observer.board.tasks_left(&Handle::current().metrics());
        if left.tasks.is_empty() {
            self.look_for_contexts(observer);
        }
        left
    }

    fn look_for_contexts(&self, observer: &Observer) {
        if self.is_remote() || observer.board.lost_calls() > 0 {
            return;
        }
        let begun = Instant::now();
        let contexts = loop {
            let contexts = observer.board.contexts_left();
            if contexts.len() <= self.settings.contexts_allowed {
                return;
            }
            if begun.elapsed() >= self.grace.get() {
                break contexts;
            }
            thread::sleep(Duration::from_millis(1));
        };
        // It would be waited for in vain in each run.
        self.grace.set(Duration::ZERO);
        contexts.into_iter().for_each(|context| observer.note_left(context));
    }

    /// Looks into what the run leaves behind.
    async fn look_after(&self, observer: &Arc<Observer>, visitors: &[Visitor]) {
        for (session, message) in observer.board.take_panics() {
            let place =
                Place { seer: session, sink: Sink::Panic, name: "of a task", request: None };
            if session.is_some() {
                observer.look(place, message.as_bytes());
            }
        }
        for (name, dump) in &self.settings.stores {
            for visitor in visitors {
                let held = dump(Some(visitor)).await;
                let seer = Some(visitor.number());
                observer.look(Place { seer, sink: Sink::Store, name, request: None }, &held);
            }
        }
        for (name, dump) in &self.settings.residues {
            let held = dump(None).await;
            observer.look(Place { seer: None, sink: Sink::Residue, name, request: None }, &held);
        }
    }

    pub(super) fn runtime(&self) -> io::Result<Runtime> {
        let mut builder = runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(!self.settings.real_time);
        // Blocking calls log too. The thread ends with its runtime, and the guard with the thread.
        let dispatch = self.dispatch.clone();
        builder.on_thread_start(move || BLOCKING.set(Some(dispatcher::set_default(&dispatch))));
        builder.on_thread_stop(|| drop(BLOCKING.take()));
        builder.build()
    }
}

thread_local! {
    static BLOCKING: Cell<Option<dispatcher::DefaultGuard>> =
        const { Cell::new(None) };
}

/// While it is there, what happens on this thread belongs to a run.
pub(super) struct OnStage<'a> {
    capture: &'a Capture,
}

impl<'a> OnStage<'a> {
    pub(super) fn enter(capture: &'a Capture, observer: &Arc<Observer>) -> Self {
        capture.observe(Some(Arc::clone(observer)));
        let board = Arc::clone(&observer.board);
        set_schedule(Some(Arc::new(TasksOfRun(Arc::clone(observer)))));
        set_census(Some(Arc::new(ContextsOfRun(Arc::clone(&board)))));
        set_board(Some(board));
        set_observer(Some(Arc::clone(observer)));
        Self { capture }
    }
}

impl Drop for OnStage<'_> {
    fn drop(&mut self) {
        set_observer(None);
        set_board(None);
        set_census(None);
        drop(set_schedule(None));
        self.capture.observe(None);
    }
}
