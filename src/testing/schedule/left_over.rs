//! `LeftOver`: what a session has left behind when its run is over.

use super::board::Board;
use super::board::State;
use super::step::TaskName;
use crate::context::RequestContext;
use crate::context::WeakContext;
use crate::context::census::Census;
use crate::testing::report::Sighting;
use crate::testing::report::StoryStep;
use std::fmt;
use std::sync::Arc;
use tokio::runtime::RuntimeMetrics;

/// What a session has left behind.
#[derive(Clone, Debug)]
pub(crate) struct LeftOver {
    pub(crate) session: usize,
    /// The number of the request in which it was made.
    pub(crate) request: Option<usize>,
    pub(crate) what: WhatIsLeft,
}

#[derive(Clone, Debug)]
pub(crate) enum WhatIsLeft {
    /// A task that this crate has started.
    Task,
    /// One of a plain `tokio::spawn`.
    PlainTask,
    /// A context, as `Debug` shows it.
    Context(String),
}

/// The tasks that are left when a run is over.
#[derive(Default)]
pub(crate) struct TasksLeft {
    /// Those that sessions may have left, of the plain ones the last that was started first.
    pub(crate) tasks: Vec<LeftOver>,
    /// How many more plain ones there are than before the first step, whoever has started them.
    pub(crate) plain: usize,
}

/// What may be left behind.
#[derive(Default)]
pub(super) struct Kept {
    contexts: Vec<(usize, Option<usize>, WeakContext)>,
    /// The session and the request that have started plain tasks, once for each.
    plain_tasks: Vec<(usize, Option<usize>)>,
    /// How many plain tasks there were before the first step.
    plain_before: usize,
}

impl Board {
    /// Notes that the plain tasks that there are now belong to no session.
    pub(super) fn begin_counting(&self, runtime: &RuntimeMetrics) {
        let mut state = self.state();
        state.kept.plain_before = state.plain_tasks(runtime);
    }

    /// Notes the plain tasks that the running task has started in its turn: of how many there were in
    /// all, and in the schedule, before and after it. Nothing else runs meanwhile.
    pub(super) fn note_plain_tasks(&self, before: (usize, usize), after: (usize, usize)) {
        let count = after.0.saturating_sub(before.0).saturating_sub(after.1 - before.1);
        // What the program starts by itself is counted where nobody visits it.
        let session = Self::running().and_then(|running| running.session);
        let Some(session) = session else { return };
        let mut state = self.state();
        let request = state.requests_now.get(&session).copied();
        state.kept.plain_tasks.extend(std::iter::repeat_n((session, request), count));
        drop(state);
        for _ in 0..count {
            self.tell(|| StoryStep::Starts { task: None });
        }
    }

    /// Whether a session has started a task that did not join the schedule.
    pub(crate) fn has_plain_tasks(&self) -> bool {
        !self.state().kept.plain_tasks.is_empty()
    }

    /// The tasks that sessions have started and that are not over.
    pub(crate) fn tasks_left(&self, runtime: &RuntimeMetrics) -> TasksLeft {
        let state = self.state();
        let tasks = state.tasks.iter().filter(|task| !task.is_over && task.name.number > 0);
        let tasks = tasks.filter_map(|task| {
            let TaskName { session, .. } = task.name;
            Some(LeftOver { session: session?, request: task.request, what: WhatIsLeft::Task })
        });
        let number = state.more_plain_tasks(runtime);
        // The last ones: those before them may be what a program starts once, as it is first asked.
        let plain = state.kept.plain_tasks.iter().rev().take(number).map(|(session, request)| {
            let (session, request) = (*session, *request);
            LeftOver { session, request, what: WhatIsLeft::PlainTask }
        });
        TasksLeft { tasks: tasks.chain(plain).collect(), plain: number }
    }

    /// How many more plain tasks there are than before the first step.
    pub(crate) fn more_plain_tasks(&self, runtime: &RuntimeMetrics) -> usize {
        self.state().more_plain_tasks(runtime)
    }

    /// The contexts that sessions have made and that somebody has still.
    pub(crate) fn contexts_left(&self) -> Vec<LeftOver> {
        let contexts: Vec<_> = {
            let mut state = self.state();
            state.kept.contexts.retain(|(_, _, context)| context.is_alive());
            let kept = state.kept.contexts.iter();
            kept.map(|(session, request, context)| (*session, *request, context.upgrade()))
                .collect()
        };
        // Whoever is the last to drop one may run code of the program: not under the lock.
        let contexts = contexts.into_iter().filter_map(|(session, request, context)| {
            let what = WhatIsLeft::Context(format!("{:?}", context?));
            Some(LeftOver { session, request, what })
        });
        contexts.collect()
    }

    /// Tells of what `session` has left behind, as the last moment of a story.
    pub(crate) fn tell_left(&self, session: usize, sighting: Sighting) {
        self.tell_of(Some(TaskName::session(session)), self.step(), StoryStep::Sees(sighting));
    }

    /// Whether anything is left behind so far.
    pub(super) fn has_left_overs(&self, runtime: &RuntimeMetrics) -> bool {
        let mut state = self.state();
        state.kept.contexts.retain(|(_, _, context)| context.is_alive());
        let has_contexts = !state.kept.contexts.is_empty();
        drop(state);
        has_contexts || !self.tasks_left(runtime).tasks.is_empty()
    }
}

impl State {
    /// How many tasks there are that did not join the schedule.
    fn plain_tasks(&self, runtime: &RuntimeMetrics) -> usize {
        let joined = self.tasks.iter().filter(|task| !task.is_over && task.name.number > 0);
        runtime.num_alive_tasks().saturating_sub(joined.count())
    }

    fn more_plain_tasks(&self, runtime: &RuntimeMetrics) -> usize {
        self.plain_tasks(runtime).saturating_sub(self.kept.plain_before)
    }
}

/// Notes the contexts that sessions make.
pub(crate) struct ContextsOfRun(pub(crate) Arc<Board>);

impl Census for ContextsOfRun {
    fn made(&self, context: &RequestContext) {
        let Some(session) = Board::running().and_then(|task| task.session) else { return };
        let mut state = self.0.state();
        let request = state.requests_now.get(&session).copied();
        state.kept.contexts.push((session, request, context.downgrade()));
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("contexts", &self.contexts.len()).finish_non_exhaustive()
    }
}
