//! What the schedule decides in each step, and how that is written down.

use std::fmt;
use std::str::FromStr;

/// Names a task the same way in each run: its session, and the number of the task in it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct TaskName {
    /// None for what no session has started.
    pub(crate) session: Option<usize>,
    /// 0 is the session itself, as its client drives it; the others are the tasks that it spawned.
    pub(crate) number: usize,
}

/// One step: which task is polled, and after how many tokio operations it is stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    pub(crate) task: TaskName,
    /// None: not at all.
    pub(crate) leave: Option<u32>,
}

impl TaskName {
    pub(crate) fn session(session: usize) -> Self {
        Self { session: Some(session), number: 0 }
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.session {
            Some(session) => write!(f, "{session}")?,
            None => f.write_str("x")?,
        }
        if self.number > 0 {
            write!(f, ".{}", self.number)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.task)?;
        if let Some(leave) = self.leave {
            write!(f, ":{leave}")?;
        }
        Ok(())
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse::<u32>().map_err(|_| ());
        let (task, leave) = match text.split_once(':') {
            Some((task, leave)) => (task, Some(number(leave)?)),
            None => (text, None),
        };
        let (session, task) = task.split_once('.').unwrap_or((task, "0"));
        let session = match session {
            "x" => None,
            session => Some(number(session)? as usize),
        };
        let number = number(task)? as usize;
        Ok(Self { task: TaskName { session, number }, leave })
    }
}
