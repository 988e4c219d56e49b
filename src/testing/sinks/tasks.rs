//! `TasksOfRun`: the tasks that the code under test starts.

use super::Sink;
use super::observer::Observer;
use super::observer::Place;
use crate::context::RequestContext;
use crate::scope::schedule::Schedule;
use crate::scope::schedule::Seat;
use crate::testing::schedule::Board;
use std::sync::Arc;
use std::time::Duration;

/// Has each task join the schedule, and looks whose context it takes along.
pub(crate) struct TasksOfRun(pub(crate) Arc<Observer>);

impl Schedule for TasksOfRun {
    fn seat(&self) -> Arc<dyn Seat> {
        let starter = Board::running().and_then(|task| task.session);
        let context = RequestContext::try_current();
        if let (Some(seer), Ok(context)) = (starter, context) {
            let place = |name| Place { seer: Some(seer), sink: Sink::Task, name, request: None };
            if let Some(user) = context.user() {
                self.0.look(place("user.id"), user.as_str().as_bytes());
            }
            if let Some(session) = context.session() {
                self.0.look(place("session.id"), session.as_str().as_bytes());
            }
        }
        self.0.board.seat()
    }

    fn lost_call(&self) {
        self.0.board.lose_call();
    }

    fn patience(&self) -> Duration {
        if self.0.board.lost_calls() == 0 { self.0.patience } else { Duration::ZERO }
    }
}
