//! A sink that does as it is told: waits, fails, panics.

use request_context::access::trail::Chain;
use request_context::access::trail::Head;
use request_context::access::trail::Sink;
use request_context::access::trail::Start;
use request_context::access::trail::StartError;
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::SystemTime;

/// What the sink does with the next append or sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Now {
    #[default]
    Go,
    Hold,
    FailAppend,
    FailSync,
    Panic,
}

#[derive(Clone, Default)]
pub(crate) struct Told(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    now: Now,
    lines: Vec<u8>,
    firsts: Vec<u64>,
    synced: usize,
    steps: Vec<&'static str>,
    /// In an append or a sync that is held.
    is_held: bool,
}

impl Told {
    pub(crate) fn now(&self, now: Now) {
        self.0.0.lock().unwrap().now = now;
        self.0.1.notify_all();
    }

    /// Waits until the writer is held.
    pub(crate) fn until_held(&self) {
        let state = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(state, |state| !state.is_held).unwrap());
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        records_of(&self.0.0.lock().unwrap().lines)
    }

    /// The records that a sync came after.
    pub(crate) fn synced(&self) -> Vec<Value> {
        let state = self.0.0.lock().unwrap();
        records_of(&state.lines[..state.synced])
    }

    pub(crate) fn firsts(&self) -> Vec<u64> {
        self.0.0.lock().unwrap().firsts.clone()
    }

    /// What was done, in order.
    pub(crate) fn steps(&self) -> Vec<&'static str> {
        self.0.0.lock().unwrap().steps.clone()
    }

    fn step(&self, fails: Now, act: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        state.is_held = true;
        self.0.1.notify_all();
        state = self.0.1.wait_while(state, |state| state.now == Now::Hold).unwrap();
        state.is_held = false;
        match state.now {
            Now::Panic => {
                drop(state);
                panic!("as told");
            }
            now if now == fails => return Err(io::Error::other("as told")),
            _ => {}
        }
        act(&mut state);
        Ok(())
    }
}

impl Sink for Told {
    fn start(&mut self, _: &Chain) -> Result<Start, StartError> {
        Ok(Start::after(Head::genesis()))
    }

    fn append(&mut self, lines: &[u8], first: u64, _: SystemTime) -> io::Result<()> {
        self.step(Now::FailAppend, |state| {
            state.lines.extend_from_slice(lines);
            state.firsts.push(first);
            state.steps.push("append");
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step(Now::FailSync, |state| {
            state.synced = state.lines.len();
            state.steps.push("sync");
        })
    }
}

fn records_of(lines: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(lines).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
