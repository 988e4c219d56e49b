//! `Root`: the future that polls one session at a time.

use super::Budget;
use super::Step;
use super::TaskName;
use super::board::Board;
use super::board::Ended;
use super::board::Turn;
use super::hold::Hold;
use super::policy::Policy;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::runtime::RuntimeMetrics;
use tokio::time::Sleep;
use tokio::time::sleep;

/// What drives one session.
pub(crate) type SessionFuture<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The most steps of a run: a task that goes on without end does not keep it from ending.
const MOST_STEPS: usize = 1_000_000;
/// How many steps one task may have in succession while others could go on.
const MOST_IN_SUCCESSION: usize = 500;

/// A run that does not come to its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Stuck {
    /// The sessions that wait for something that does not come.
    pub(crate) sessions: Vec<usize>,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<Step>,
    /// What each step came to, as one number: two runs differ where these do.
    pub(crate) marks: Vec<u64>,
    /// The pairs of places of all switches.
    pub(crate) pairs: Vec<u64>,
    pub(crate) forced: usize,
    pub(crate) stuck: Option<Stuck>,
    /// Whether a session has started a task that did not join the schedule.
    pub(crate) has_plain_tasks: bool,
}

impl Trace {
    /// The same number for the same run.
    pub(crate) fn hash(&self) -> u64 {
        self.marks.iter().fold(0, |hash, mark| mixed(hash, *mark))
    }
}

/// The sessions of a run, and who is next.
pub(crate) struct Root<'a> {
    pub(crate) board: Arc<Board>,
    pub(crate) sessions: Vec<Option<(SessionFuture<'a>, Waker)>>,
    pub(crate) policy: Policy,
    pub(crate) holds: Vec<Hold>,
    /// How long all may wait, in the time of the runtime.
    pub(crate) patience: Duration,
    /// How long what the sessions have started may still go on.
    pub(crate) settle: Duration,
    pub(crate) budget: Option<Budget>,
    /// Whether all that can go on do so at once, so that a server elsewhere has many at a time.
    pub(crate) bursts: bool,
    has_begun: bool,
    runtime: RuntimeMetrics,
    trace: Trace,
    last: Option<Last>,
    succession: usize,
}

/// The step that is under way, or was the last.
#[derive(Clone, Copy)]
struct Last {
    place: usize,
    step: Step,
    ended: Option<Ended>,
}

enum Found {
    Task(usize, Step),
    Nobody,
    Awaited,
}

impl<'a> Root<'a> {
    pub(crate) fn new(
        board: Arc<Board>,
        sessions: Vec<SessionFuture<'a>>,
        policy: Policy,
        holds: Vec<Hold>,
    ) -> Self {
        let with_waker = |(place, session)| Some((session, board.waker(place)));
        let sessions = sessions.into_iter().enumerate().map(with_waker).collect();
        Self {
            board,
            sessions,
            policy,
            holds,
            patience: Duration::from_secs(3600),
            settle: Duration::from_secs(60),
            budget: None,
            bursts: false,
            has_begun: false,
            runtime: Handle::current().metrics(),
            trace: Trace::default(),
            last: None,
            succession: 0,
        }
    }

    /// Runs all sessions to their end, and what they have started as far as it comes.
    pub(crate) async fn run(mut self) -> (Trace, Option<Budget>) {
        let mut patience = Box::pin(sleep(self.patience));
        let mut settling: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|cx| self.poll_step(&mut patience, &mut settling, cx)).await;
        (self.trace, self.budget)
    }

    fn poll_step(
        &mut self,
        patience: &mut Pin<Box<Sleep>>,
        settling: &mut Option<Pin<Box<Sleep>>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let budget = match self.budget {
            Some(budget) if self.has_begun => budget,
            known => {
                // Also where the budget is known: what the program has started has its first turn
                // before the first step in each run, or none would be as the first one.
                self.budget = Some(known.unwrap_or_else(|| Budget::probe(cx)));
                self.has_begun = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        if self.trace.steps.len() >= MOST_STEPS {
            self.trace.stuck = Some(self.stuck());
            return Poll::Ready(());
        }
        match self.choose(cx) {
            Found::Awaited => Poll::Pending,
            Found::Task(place, step) => {
                self.poll_task(place, step, budget, cx);
                while self.bursts
                    && let Found::Task(place, step) = self.choose(cx)
                {
                    self.poll_task(place, step, budget, cx);
                }
                Poll::Pending
            }
            Found::Nobody => {
                if self.sessions.iter().all(Option::is_none) {
                    if !self.board.has_tasks() {
                        return Poll::Ready(());
                    }
                    let settle = self.settle;
                    let settling = settling.get_or_insert_with(|| Box::pin(sleep(settle)));
                    return settling.as_mut().poll(cx);
                }
                if patience.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if self.holds.is_empty() {
                    self.trace.stuck = Some(self.stuck());
                    return Poll::Ready(());
                }
                // Who is waited for waits for the one who is held.
                self.holds.clear();
                *patience = Box::pin(sleep(self.patience));
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn choose(&mut self, cx: &Context<'_>) -> Found {
        let mut state = self.board.state();
        if !state.root.as_ref().is_some_and(|root| root.will_wake(cx.waker())) {
            state.root = Some(cx.waker().clone());
        }
        if state.awaited.is_some() {
            return Found::Awaited;
        }
        let ended = state.ended.take();
        let can = state.tasks.iter().enumerate().filter(|(_, task)| task.is_ready && !task.is_over);
        let mut ready: Vec<_> = can.map(|(place, task)| (task.name, place)).collect();
        drop(state);
        if let Some((ended, operations)) = ended {
            self.finish(ended, operations);
        }
        if !self.holds.is_empty() {
            let (holds, board) = (&self.holds, &self.board);
            ready.retain(|(name, _)| !holds.iter().any(|hold| hold.holds(name.session, board)));
        }
        if self.succession >= MOST_IN_SUCCESSION
            && ready.len() > 1
            && let Some(last) = self.last
        {
            ready.retain(|(_, place)| *place != last.place);
        }
        if ready.is_empty() {
            return Found::Nobody;
        }
        let names: Vec<TaskName> = ready.iter().map(|(name, _)| *name).collect();
        let step = self.policy.next(self.trace.steps.len(), &names);
        let place = ready.iter().find(|(name, _)| *name == step.task).map(|(_, place)| *place);
        place.map_or(Found::Nobody, |place| Found::Task(place, step))
    }

    fn poll_task(&mut self, place: usize, step: Step, budget: Budget, cx: &mut Context<'_>) {
        self.switch(place, step);
        self.board.set_step(self.trace.steps.len());
        self.trace.steps.push(step);
        self.last = Some(Last { place, step, ended: None });
        let turn = Turn { leave: step.leave, budget };
        let Some(slot) = self.sessions.get_mut(place) else {
            return self.board.give_turn(place, turn);
        };
        let Some((session, waker)) = slot else { return };
        self.board.begin_session(place);
        turn.begin(cx);
        Board::set_running(Some(step.task));
        let before = (self.runtime.num_alive_tasks(), self.board.len());
        let polled = session.as_mut().poll(&mut Context::from_waker(waker));
        // Nothing else runs meanwhile, so what there is more of was started here.
        let started = self.runtime.num_alive_tasks().saturating_sub(before.0);
        self.trace.has_plain_tasks |= started > self.board.len() - before.1;
        let is_pending = polled.is_pending();
        if !is_pending {
            *slot = None;
            self.board.end_session(place);
        }
        Board::set_running(None);
        let (ended, operations) = turn.end(is_pending, cx);
        self.finish(ended, operations);
        cx.waker().wake_by_ref();
    }

    /// Notes how the last step ended.
    fn finish(&mut self, ended: Ended, operations: u32) {
        let Some(last) = &mut self.last else { return };
        last.ended = Some(ended);
        self.trace.forced += usize::from(ended == Ended::Forced);
        self.board.add_operations(last.place, operations);
        let Step { task, leave } = last.step;
        let who =
            mixed(task.session.map_or(u64::MAX, |session| session as u64), task.number as u64);
        let how =
            mixed(leave.map_or(u64::MAX, u64::from), u64::from(operations) << 2 | ended as u64);
        self.trace.marks.push(mixed(who, how));
    }

    /// Notes that another task goes on than the last one, if that is so.
    fn switch(&mut self, place: usize, step: Step) {
        let Some(last) = self.last else {
            return self.board.tell_of(Some(step.task), self.trace.steps.len(), Default::default());
        };
        if last.place == place {
            self.succession += 1;
            return;
        }
        self.succession = 0;
        let ended = last.ended.unwrap_or(Ended::Over);
        if ended != Ended::Over {
            let (from, to) = self.board.places(last.place, place);
            self.trace.pairs.push(mixed(from, to));
        }
        self.board.tell_switch(self.trace.steps.len(), last.step, ended, step.task);
    }

    fn stuck(&self) -> Stuck {
        let waiting = self.sessions.iter().enumerate().filter(|(_, session)| session.is_some());
        let sessions = waiting.filter_map(|(place, _)| self.board.session_at(place)).collect();
        Stuck { sessions }
    }
}

pub(crate) fn mixed(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29) ^ b
}
