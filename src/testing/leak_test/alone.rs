//! Which of the tasks that are left are the program's own: a run that nobody visits tells.

use super::program::Running;
use super::run::OnStage;
use super::run::Runner;
use super::run::SHUTDOWN;
use crate::testing::canary::Canaries;
use crate::testing::schedule::Board;
use crate::testing::schedule::LeftOver;
use crate::testing::schedule::Mode;
use crate::testing::schedule::Policy;
use crate::testing::schedule::Root;
use crate::testing::schedule::SessionFuture;
use crate::testing::schedule::TasksLeft;
use crate::testing::schedule::WhatIsLeft;
use crate::testing::sinks::Observer;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::sleep;
use tracing::dispatcher;

/// What may come a little sooner or later where somebody visits the program.
const JITTER: Duration = Duration::from_millis(1);

impl Runner {
    /// Notes the tasks that are left of a run that took so long. Of plain ones only how many there are is
    /// known, not which: so many are the sessions' as there are more than in a run that nobody visits.
    pub(super) fn note_tasks_left(
        &self,
        left: TasksLeft,
        took: Duration,
        observer: &Observer,
    ) -> io::Result<()> {
        let TasksLeft { mut tasks, plain } = left;
        let is_plain = |task: &LeftOver| matches!(task.what, WhatIsLeft::PlainTask);
        if tasks.len() > self.settings.tasks_allowed && tasks.iter().any(is_plain) {
            let mut of_sessions = plain.saturating_sub(self.tasks_of_its_own(took)?);
            tasks.retain(|task| {
                let is_kept = !is_plain(task) || of_sessions > 0;
                of_sessions = of_sessions.saturating_sub(usize::from(is_plain(task)));
                is_kept
            });
        }
        if tasks.len() > self.settings.tasks_allowed {
            tasks.into_iter().for_each(|task| observer.note_left(task));
        }
        Ok(())
    }

    /// How many more plain tasks there are after so long where nobody visits the program.
    fn tasks_of_its_own(&self, took: Duration) -> io::Result<usize> {
        let runtime = self.runtime()?;
        let board = Board::new(&[0], false);
        let canaries = Arc::new(Canaries::new(0, self.settings.fields.clone()));
        let shared = Arc::default();
        let observer = Observer::new(Arc::clone(&board), canaries, shared, Duration::ZERO);
        let on_stage = OnStage::enter(&self.capture, &observer);
        let run = async {
            let _program = Running::start(&self.program, self.settings.shares_connections);
            let mut most = 0;
            let waits: SessionFuture<'_> = Box::pin(async {
                sleep(took.saturating_sub(JITTER)).await;
                for _ in 0..3 {
                    most = most.max(board.more_plain_tasks(&Handle::current().metrics()));
                    sleep(JITTER).await;
                }
            });
            let policy = Policy::of_seed(Mode::Uniform, 0, 0);
            let root = Root::new(Arc::clone(&board), vec![waits], policy, Vec::new());
            self.root(root).run().await;
            most
        };
        let own = dispatcher::with_default(&self.dispatch, || runtime.block_on(run));
        dispatcher::with_default(&self.dispatch, || runtime.shutdown_timeout(SHUTDOWN));
        drop(on_stage);
        Ok(own)
    }
}
