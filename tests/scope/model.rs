//! Random programs of scopes, checked at every step and every drop against an explicit model.

#![expect(
    clippy::disallowed_methods,
    reason = "the test says what a context does in plain tasks and threads"
)]

use crate::support::finish;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use crate::support::poll_once;
use crate::support::start;
use crate::support::yield_once;
use futures::FutureExt;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use proptest::collection::vec;
use proptest::prelude::*;
use request_context::ContextExt;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::try_carry;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use tokio::runtime::Builder;

type Program = Vec<Step>;

#[derive(Clone, Debug)]
enum Step {
    Yield,
    Panic,
    /// Runs the program and catches its panic.
    Catch(Program),
    /// Runs the program in a new context.
    Scope(Program),
    SyncScope(Program),
    /// Carries the program, as a closure or as a future.
    Carry(Program, Fate),
    CarryFuture(Program, Fate),
    /// Runs the programs by turns, each in a new context or in the current one.
    Join(Vec<(bool, Program)>),
    JoinUnordered(Vec<(bool, Program)>),
    /// Polls the program in a new context a few times and drops it.
    Abandon(Program, usize),
}

/// What becomes of something carried.
#[derive(Clone, Copy, Debug)]
enum Fate {
    RunHere,
    RunInAnotherScope,
    RunOnAnotherThread,
    DroppedHere,
    DroppedInAnotherScope,
}

/// What must be current now: the top of the stack of the scopes that were entered.
///
/// Each branch of a program owns one, and it is moved into the branch: so its own drop is one more
/// thing that must happen in the context of the branch.
struct Model {
    scopes: Vec<RequestId>,
    faults: Arc<Mutex<Vec<String>>>,
}

impl Model {
    fn outside() -> Self {
        Self { scopes: Vec::new(), faults: Arc::default() }
    }

    fn check(&self, at: &str) {
        let current = RequestContext::try_current().ok().map(|it| it.request_id().clone());
        if current.as_ref() != self.scopes.last() {
            let fault = format!("at {at}: {current:?}, must be {:?}", self.scopes);
            self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
        }
    }

    /// For a branch that runs in the same context.
    fn same(&self) -> Self {
        Self { scopes: self.scopes.clone(), faults: Arc::clone(&self.faults) }
    }

    /// For a branch that runs in a new context.
    fn entered(&self) -> (RequestContext, Self) {
        let (context, mut model) = (RequestContext::new(), self.same());
        model.scopes.push(context.request_id().clone());
        (context, model)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.check("drop");
    }
}

type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

fn run(program: Program, model: Model) -> Run {
    Box::pin(async move {
        model.check("start");
        for step in program {
            let name = format!("the end of {step:?}");
            run_step(step, &model).await;
            model.check(&name);
        }
    })
}

async fn run_step(step: Step, model: &Model) {
    match step {
        Step::Yield => yield_once().await,
        Step::Panic => planted_panic(),
        Step::Catch(program) => {
            let outcome = AssertUnwindSafe(run(program, model.same())).catch_unwind().await;
            if let Err(payload) = outcome {
                panics_as_planted(|| resume_unwind(payload));
            }
        }
        Step::Scope(program) => {
            let (context, inside) = model.entered();
            context.scope(run(program, inside)).await;
        }
        Step::SyncScope(program) => {
            let (context, inside) = model.entered();
            context.sync_scope(|| finish(run(program, inside)));
        }
        Step::Carry(program, fate) => {
            let inside = model.same();
            let carried = try_carry(move || finish(run(program, inside)));
            assert_eq!(carried.is_err(), model.scopes.is_empty());
            if let Ok(carried) = carried {
                meet(fate, carried, |carried| carried(), model);
            }
        }
        Step::CarryFuture(program, fate) => {
            let carried = run(program, model.same()).try_in_current_context();
            assert_eq!(carried.is_err(), model.scopes.is_empty());
            if let Ok(carried) = carried {
                meet(fate, carried, finish, model);
            }
        }
        Step::Join(branches) => {
            join_all(branches.into_iter().map(|branch| start_branch(branch, model))).await;
        }
        Step::JoinUnordered(branches) => {
            let mut all: FuturesUnordered<_> =
                branches.into_iter().map(|branch| start_branch(branch, model)).collect();
            while all.next().await.is_some() {
                model.check("a turn");
            }
        }
        Step::Abandon(program, polls) => {
            let (context, inside) = model.entered();
            let mut abandoned = Box::pin(context.scope(run(program, inside)));
            for _ in 0..polls {
                if poll_once(abandoned.as_mut()).is_ready() {
                    break;
                }
                model.check("a poll");
            }
        }
    }
}

fn start_branch((enters, program): (bool, Program), model: &Model) -> Run {
    if enters {
        let (context, inside) = model.entered();
        Box::pin(context.scope(run(program, inside)))
    } else {
        run(program, model.same())
    }
}

fn meet<C: Send>(fate: Fate, carried: C, call: impl FnOnce(C) + Send, model: &Model) {
    match fate {
        Fate::RunHere => call(carried),
        Fate::DroppedHere => drop(carried),
        Fate::RunInAnotherScope => in_another_scope(model, || call(carried)),
        Fate::DroppedInAnotherScope => in_another_scope(model, || drop(carried)),
        Fate::RunOnAnotherThread => thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let outcome = catch_unwind(AssertUnwindSafe(|| call(carried)));
                assert!(RequestContext::try_current().is_err(), "left behind on a thread");
                outcome
            });
            if let Err(payload) = thread.join().unwrap() {
                resume_unwind(payload);
            }
        }),
    }
}

fn in_another_scope(model: &Model, f: impl FnOnce()) {
    let (another, inside) = model.entered();
    another.sync_scope(move || {
        f();
        inside.check("the end of something carried");
    });
}

fn programs() -> impl Strategy<Value = Program> {
    let fate = || {
        prop_oneof![
            Just(Fate::RunHere),
            Just(Fate::RunInAnotherScope),
            Just(Fate::RunOnAnotherThread),
            Just(Fate::DroppedHere),
            Just(Fate::DroppedInAnotherScope),
        ]
    };
    let leaf = prop_oneof![6 => Just(Step::Yield), 1 => Just(Step::Panic)];
    let step = leaf.prop_recursive(5, 48, 4, move |step| {
        let program = vec(step, 0..4);
        let branches = vec((any::<bool>(), program.clone()), 1..4);
        prop_oneof![
            program.clone().prop_map(Step::Catch),
            program.clone().prop_map(Step::Scope),
            program.clone().prop_map(Step::SyncScope),
            (program.clone(), fate()).prop_map(|(program, fate)| Step::Carry(program, fate)),
            (program.clone(), fate()).prop_map(|(program, fate)| Step::CarryFuture(program, fate)),
            branches.clone().prop_map(Step::Join),
            branches.prop_map(Step::JoinUnordered),
            (program, 0..3_usize).prop_map(|(program, polls)| Step::Abandon(program, polls)),
        ]
    });
    vec(step, 1..6)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_random_program_always_runs_in_the_context_that_the_model_says(program in programs()) {
        let model = Model::outside();
        let faults = Arc::clone(&model.faults);
        let outside = Step::Catch(program.clone());
        let inside = Step::Scope(vec![Step::Catch(program)]);
        finish(run(vec![outside, inside], model));
        let faults = std::mem::take(&mut *faults.lock().unwrap());
        prop_assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn random_programs_that_run_at_once_on_two_workers_do_not_mix(
        programs in vec(programs(), 4),
    ) {
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let model = Model::outside();
        runtime.block_on(async {
            let programs = programs.into_iter().map(|program| {
                start(run(vec![Step::Scope(vec![Step::Catch(program)])], model.same()))
            });
            for task in programs.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        drop(runtime);
        let faults = std::mem::take(&mut *model.faults.lock().unwrap());
        prop_assert_eq!(faults, [""; 0]);
    }
}

#[test]
fn the_model_finds_a_step_and_a_drop_in_the_wrong_context() {
    let model = Model::outside();
    let faults = Arc::clone(&model.faults);
    let (entered, inside) = model.entered();
    finish(run(vec![Step::Yield], inside));
    assert_eq!(faults.lock().unwrap().len(), 3, "at the start, after the step, at the drop");
    drop(entered);
}
