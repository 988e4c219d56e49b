//! `Root`: the future that polls one session at a time.

use super::Budget;
use super::Step;
use super::TaskName;
use super::board::Board;
use super::hold::Hold;
use super::policy::Policy;
use super::trace::Stuck;
use super::trace::Trace;
use super::trace::mixed;
use super::turn::Ended;
use super::turn::Turn;
use super::watch::TICK;
use super::watch::Watch;
use std::future::poll_fn;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::runtime::RuntimeMetrics;
use tokio::time::Sleep;
use tokio::time::advance;
use tokio::time::sleep;

/// What drives one session.
pub(crate) type SessionFuture<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The most steps of a run: a task that goes on without end does not keep it from ending.
const MOST_STEPS: usize = 1_000_000;
/// After how many steps in which nobody waits and no session comes further the paused clock goes on by
/// itself, as that of a machine would: who asks for the time in a loop sees it go on.
const MOST_AT_ONE_TIME: usize = 5000;
/// How many such steps end the run. The clock has gone on by more than a minute then.
const MOST_IN_VAIN: usize = 100_000;
/// How often the root has to be woken by the watch, with no rest of the runtime in between.
const RESTLESS: u32 = 10;
/// How long what goes on after the last request is waited for at first.
const SHORTEST: Duration = Duration::from_millis(1);
/// How many steps one task may have in succession while others could go on.
const MOST_IN_SUCCESSION: usize = 500;

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
    /// What wakes it where the clock is paused, which has to go on by itself.
    pub(crate) watch: Option<&'a Watch>,
    has_begun: bool,
    runtime: RuntimeMetrics,
    trace: Trace,
    last: Option<Last>,
    succession: usize,
    /// The steps since all waited or a session came further, and how often one had come further.
    in_vain: usize,
    progress: usize,
    restless: Option<Restless>,
}

/// While all wait: how often the runtime has rested, and how often the root was woken without that.
struct Restless {
    rests: u64,
    ticks: u32,
    since: Instant,
}

/// How long it was waited for what goes on after the last request, and until when it is now.
struct Settling {
    waited: Duration,
    now: Duration,
    sleep: Pin<Box<Sleep>>,
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
            watch: None,
            has_begun: false,
            runtime: Handle::current().metrics(),
            trace: Trace::default(),
            last: None,
            succession: 0,
            in_vain: 0,
            progress: 0,
            restless: None,
        }
    }

    /// Runs all sessions to their end, and what they have started as far as it comes.
    pub(crate) async fn run(mut self) -> (Trace, Option<Budget>) {
        let mut patience = Box::pin(sleep(self.patience));
        let mut settling = None;
        poll_fn(|cx| self.poll_step(&mut patience, &mut settling, cx)).await;
        self.rest();
        (self.trace, self.budget)
    }

    fn poll_step(
        &mut self,
        patience: &mut Pin<Box<Sleep>>,
        settling: &mut Option<Settling>,
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
        if self.trace.steps.is_empty() {
            self.board.begin_counting(&self.runtime);
        }
        if self.trace.steps.len() >= MOST_STEPS || self.in_vain >= MOST_IN_VAIN {
            self.trace.stuck = Some(self.stuck(true));
            return Poll::Ready(());
        }
        match self.choose(cx) {
            Found::Awaited => Poll::Pending,
            Found::Task(place, step) => {
                self.rest();
                self.pass_time(cx);
                self.poll_task(place, step, budget, cx);
                while self.bursts
                    && let Found::Task(place, step) = self.choose(cx)
                {
                    self.poll_task(place, step, budget, cx);
                }
                Poll::Pending
            }
            Found::Nobody => {
                self.in_vain = 0;
                if self.sessions.iter().all(Option::is_none) {
                    return self.poll_settled(settling, cx);
                }
                if patience.as_mut().poll(cx).is_pending() {
                    if self.is_restless(cx) {
                        self.trace.stuck = Some(self.stuck(true));
                        return Poll::Ready(());
                    }
                    return Poll::Pending;
                }
                if self.holds.is_empty() {
                    self.trace.stuck = Some(self.stuck(false));
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

    /// Waits for what the sessions have left, ever longer.
    fn poll_settled(&mut self, settling: &mut Option<Settling>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if !self.board.has_left_overs(&self.runtime) {
                return Poll::Ready(());
            }
            let settling = settling.get_or_insert_with(|| Settling::begin(SHORTEST));
            if settling.sleep.as_mut().poll(cx).is_pending() {
                let is_restless = self.is_restless(cx);
                return if is_restless { Poll::Ready(()) } else { Poll::Pending };
            }
            settling.waited += settling.now;
            if settling.waited >= self.settle {
                return Poll::Ready(());
            }
            let next = (2 * settling.now).min(self.settle - settling.waited);
            *settling = Settling { waited: settling.waited, ..Settling::begin(next) };
        }
    }

    /// Notes that the root does not wait, or not any more.
    fn rest(&mut self) {
        if self.restless.take().is_some()
            && let Some(watch) = self.watch
        {
            watch.disarm();
        }
    }

    /// Whether the runtime, while the root waits, is at work all the time.
    fn is_restless(&mut self, cx: &Context<'_>) -> bool {
        let Some(watch) = self.watch else { return false };
        let rests = self.runtime.worker_park_count(0);
        let now = Instant::now();
        match &mut self.restless {
            Some(known) if known.rests == rests => {
                // One long stop of the process, or of a blocking call, is a single one.
                if now.duration_since(known.since) >= TICK / 2 {
                    (known.ticks, known.since) = (known.ticks + 1, now);
                }
                known.ticks >= RESTLESS
            }
            known => {
                *known = Some(Restless { rests, ticks: 0, since: now });
                watch.arm(cx.waker());
                false
            }
        }
    }

    /// Has the paused clock go on where tasks go on and on: by a millisecond at each hundred steps at
    /// first, and twice as fast after each ten thousand.
    fn pass_time(&mut self, cx: &mut Context<'_>) {
        self.in_vain += 1;
        if self.board.progress() != self.progress {
            (self.in_vain, self.progress) = (0, self.board.progress());
        }
        if self.watch.is_none() {
            // A clock that is not paused goes on by itself, and what is done in vain is.
            self.in_vain = 0;
        } else if self.in_vain >= MOST_AT_ONE_TIME && self.in_vain.is_multiple_of(100) {
            let faster = self.in_vain / 10_000;
            // Its first poll does it; what follows is a turn for others, who have theirs anyway.
            let _ = pin!(advance(Duration::from_millis(1 << faster))).poll(cx);
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
        let after = (self.runtime.num_alive_tasks(), self.board.len());
        self.board.note_plain_tasks(before, after);
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

    fn stuck(&self, is_restless: bool) -> Stuck {
        let waiting = self.sessions.iter().enumerate().filter(|(_, session)| session.is_some());
        let sessions = waiting.filter_map(|(place, _)| self.board.session_at(place)).collect();
        Stuck { sessions, is_restless }
    }
}

impl Settling {
    fn begin(now: Duration) -> Self {
        Self { waited: Duration::ZERO, now, sleep: Box::pin(sleep(now)) }
    }
}
