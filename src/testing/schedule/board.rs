//! `Board`: which tasks of a run can go on, and whose turn it is.

use super::left_over::Kept;
use super::seat::ScheduledSeat;
use super::step::Step;
use super::step::TaskName;
use super::trace::mixed;
use super::turn::Ended;
use super::turn::Turn;
use crate::context::RequestContext;
use crate::context::RequestId;
use crate::scope::schedule::Seat;
use crate::testing::report::Moment;
use crate::testing::report::StoryStep;
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Wake;
use std::task::Waker;

thread_local! {
    static RUNNING: Cell<Option<TaskName>> = const { Cell::new(None) };
}

/// What all tasks of one run share.
#[derive(Debug, Default)]
pub(crate) struct Board {
    state: Mutex<State>,
    step: AtomicUsize,
    /// How often a session has come further: with a request, a response, a frame of one.
    progress: AtomicUsize,
    tells: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tasks: Vec<Task>,
    pub(super) root: Option<Waker>,
    /// The task, started by the code under test, that has its turn now.
    pub(super) awaited: Option<usize>,
    /// How its turn ended.
    pub(super) ended: Option<(Ended, u32)>,
    numbers: HashMap<Option<usize>, usize>,
    /// The number of the request that each session is at.
    pub(super) requests_now: HashMap<usize, usize>,
    pub(super) kept: Kept,
    /// After how many points the current request of a session is to panic.
    pub(super) panics_at: HashMap<usize, u32>,
    /// Whose each request is; none if several sessions have the same ID.
    requests: HashMap<RequestId, Option<usize>>,
    passed: HashSet<(usize, String)>,
    moments: Vec<Moment>,
    panics: Vec<(Option<usize>, String)>,
    lost_calls: u64,
    spans: String,
}

#[derive(Debug)]
pub(super) struct Task {
    pub(super) name: TaskName,
    pub(super) is_ready: bool,
    pub(super) is_over: bool,
    /// How the tokio task is woken, if the runtime and not the root polls it.
    pub(super) waker: Option<Waker>,
    pub(super) turn: Option<Turn>,
    /// What its session was doing, and how many operations of it this task had made.
    pub(super) route: u64,
    pub(super) operations: u32,
    /// The request in which it was started.
    pub(super) request: Option<usize>,
}

impl Board {
    /// With `tells`, it keeps what happens, for a story.
    pub(crate) fn new(sessions: &[usize], tells: bool) -> Arc<Self> {
        let tasks = sessions.iter().map(|session| Task::new(TaskName::session(*session), true));
        let state = State { tasks: tasks.collect(), ..State::default() };
        let state = Mutex::new(state);
        Arc::new(Self { state, step: AtomicUsize::new(0), progress: AtomicUsize::new(0), tells })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The waker of the session at `place`, which the root polls.
    pub(super) fn waker(self: &Arc<Self>, place: usize) -> Waker {
        Waker::from(Arc::new(SessionWaker { board: Arc::clone(self), place }))
    }

    /// The number of the step that is under way.
    pub(crate) fn step(&self) -> usize {
        self.step.load(Relaxed)
    }

    pub(super) fn set_step(&self, step: usize) {
        self.step.store(step, Relaxed);
    }

    /// Notes that a session has come further.
    pub(crate) fn note_progress(&self) {
        self.progress.fetch_add(1, Relaxed);
    }

    pub(super) fn progress(&self) -> usize {
        self.progress.load(Relaxed)
    }

    /// Says which task this thread runs from now on.
    pub(super) fn set_running(task: Option<TaskName>) {
        RUNNING.set(task);
    }

    /// The task that this code is part of, if the schedule runs it.
    pub(crate) fn running() -> Option<TaskName> {
        RUNNING.try_with(Cell::get).ok().flatten()
    }

    /// The session that this code works for: that of the request or task that runs, by the schedule.
    /// Another task than a request may run for somebody else: then the current context says for
    /// whom, if a session was seen in it before.
    pub(crate) fn whose(&self) -> Option<usize> {
        let running = Self::running();
        let session = running.and_then(|task| task.session);
        let Ok(context) = RequestContext::try_current() else { return session };
        let mut state = self.state();
        if running.is_some_and(|task| task.number == 0)
            && let Some(session) = session
        {
            match state.requests.get_mut(context.request_id()) {
                Some(known) if *known != Some(session) => *known = None,
                Some(_) => {}
                None => drop(state.requests.insert(context.request_id().clone(), Some(session))),
            }
            return Some(session);
        }
        state.requests.get(context.request_id()).copied().flatten().or(session)
    }

    /// Says which request of the running session begins now, and what it does, for the coverage.
    pub(crate) fn begin_request(&self, number: Option<usize>, route: u64) {
        let Some(running) = Self::running() else { return };
        self.note_progress();
        let mut state = self.state();
        if let Some(session) = running.session {
            match number {
                Some(number) => state.requests_now.insert(session, number),
                None => state.requests_now.remove(&session),
            };
        }
        if let Some(task) = state.tasks.iter_mut().find(|task| task.name == running) {
            (task.route, task.operations) = (route, 0);
        }
    }

    /// Notes what the running session does, for a story.
    pub(crate) fn tell(&self, what: impl FnOnce() -> StoryStep) {
        if self.tells {
            self.tell_of(Self::running(), self.step(), what());
        }
    }

    pub(super) fn tell_of(&self, task: Option<TaskName>, step: usize, what: StoryStep) {
        if self.tells {
            let session = task.and_then(|task| task.session);
            let task = task.map_or(0, |task| task.number);
            self.state().moments.push(Moment { step, session, task, what });
        }
    }

    pub(crate) fn take_moments(&self) -> Vec<Moment> {
        std::mem::take(&mut self.state().moments)
    }

    /// Notes the spans that the running task is in.
    pub(crate) fn note_spans(&self, spans: impl FnOnce() -> String) {
        if self.tells {
            self.state().spans = spans();
        }
    }

    pub(super) fn take_spans(&self) -> String {
        std::mem::take(&mut self.state().spans)
    }

    /// Notes that the running session has passed the point of this name.
    pub(crate) fn pass(&self, point: &str) {
        let Some(session) = self.whose() else { return };
        if self.state().passed.insert((session, point.to_owned())) {
            self.tell(|| StoryStep::Point(point.to_owned()));
        }
    }

    pub(super) fn has_passed(&self, session: usize, point: &str) -> bool {
        self.state().passed.contains(&(session, point.to_owned()))
    }

    /// The panics of tasks, each with its session.
    pub(crate) fn take_panics(&self) -> Vec<(Option<usize>, String)> {
        std::mem::take(&mut self.state().panics)
    }

    pub(super) fn note_panic(&self, task: TaskName, message: &str) {
        self.state().panics.push((task.session, message.to_owned()));
    }

    /// How many blocking calls did not end within their turn.
    pub(crate) fn lost_calls(&self) -> u64 {
        self.state().lost_calls
    }

    /// Makes place for a task that the running one starts.
    pub(crate) fn seat(self: &Arc<Self>) -> Arc<dyn Seat> {
        let session = self.whose();
        let mut state = self.state();
        let number = state.numbers.entry(session).or_default();
        *number += 1;
        let name = TaskName { session, number: *number };
        let mut task = Task::new(name, false);
        let parent = Self::running();
        let parent = state.tasks.iter().find(|task| Some(task.name) == parent);
        task.route = parent.map_or(0, |parent| mixed(parent.route, parent.operations.into()));
        task.request = session.and_then(|session| state.requests_now.get(&session).copied());
        state.tasks.push(task);
        let place = state.tasks.len() - 1;
        drop(state);
        if Self::running().is_some() {
            self.tell(|| StoryStep::Starts { task: Some(name.number) });
        }
        Arc::new(ScheduledSeat::new(Arc::clone(self), place, name))
    }

    /// Notes that a blocking call did not end within its turn.
    pub(crate) fn lose_call(&self) {
        self.state().lost_calls += 1;
    }

    /// How many places there are, of sessions and of the tasks that joined the schedule.
    pub(super) fn len(&self) -> usize {
        self.state().tasks.len()
    }

    pub(super) fn session_at(&self, place: usize) -> Option<usize> {
        self.state().tasks.get(place).and_then(|task| task.name.session)
    }

    /// Lets the runtime poll the task at `place` once.
    pub(super) fn give_turn(&self, place: usize, turn: Turn) {
        let mut state = self.state();
        let Some(task) = state.tasks.get_mut(place) else { return };
        task.is_ready = false;
        task.turn = Some(turn);
        let waker = task.waker.take();
        state.awaited = Some(place);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn begin_session(&self, place: usize) {
        if let Some(task) = self.state().tasks.get_mut(place) {
            task.is_ready = false;
        }
    }

    pub(super) fn end_session(&self, place: usize) {
        if let Some(task) = self.state().tasks.get_mut(place) {
            task.is_over = true;
        }
    }

    pub(super) fn add_operations(&self, place: usize, operations: u32) {
        if let Some(task) = self.state().tasks.get_mut(place) {
            task.operations = task.operations.wrapping_add(operations);
        }
    }

    /// Where two tasks are, each as one number.
    pub(super) fn places(&self, one: usize, other: usize) -> (u64, u64) {
        let state = self.state();
        let place = |place: usize| {
            state.tasks.get(place).map_or(0, |task| mixed(task.route, u64::from(task.operations)))
        };
        (place(one), place(other))
    }

    pub(super) fn tell_switch(&self, step: usize, from: Step, ended: Ended, to: TaskName) {
        if !self.tells {
            return;
        }
        let spans = self.take_spans();
        if ended != Ended::Over {
            let forced = ended == Ended::Forced;
            let operation = from.leave.filter(|_| forced).map(|leave| leave + 1);
            let stops = StoryStep::Stops { forced, operation, spans };
            self.tell_of(Some(from.task), step.saturating_sub(1), stops);
        }
        self.tell_of(Some(to), step, StoryStep::Runs);
    }
}

impl State {
    pub(super) fn wake_root(&self) {
        if let Some(root) = &self.root {
            root.wake_by_ref();
        }
    }
}

impl Task {
    pub(super) fn new(name: TaskName, is_ready: bool) -> Self {
        let (waker, turn, request) = (None, None, None);
        Self { name, is_ready, is_over: false, waker, turn, route: 0, operations: 0, request }
    }
}

struct SessionWaker {
    board: Arc<Board>,
    place: usize,
}

impl Wake for SessionWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.board.state();
        if let Some(task) = state.tasks.get_mut(self.place) {
            task.is_ready = true;
        }
        state.wake_root();
    }
}
