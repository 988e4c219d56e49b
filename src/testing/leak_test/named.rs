//! `TestName`: the test that this is, as `cargo test` knows it.

use std::backtrace::Backtrace;
use std::thread;

/// The test that this is, as `cargo test` knows it.
#[derive(Debug, Default)]
pub(super) enum TestName {
    #[default]
    Unknown,
    /// Each test has a thread with its name,
    OfThread(String),
    /// unless there is one thread for all of them: then who calls is told by the stack.
    OfStack(Box<Backtrace>),
}

impl TestName {
    /// The test that calls this.
    pub(super) fn here() -> Self {
        match thread::current().name() {
            Some("main") => Self::OfStack(Box::new(Backtrace::force_capture())),
            Some(name) if !name.starts_with("tokio-") => Self::OfThread(name.to_owned()),
            _ => Self::Unknown,
        }
    }

    /// The name of the thread, if that is the test's.
    pub(super) fn of_thread(&self) -> Option<&str> {
        match self {
            Self::OfThread(name) => Some(name),
            _ => None,
        }
    }

    /// The name. The stack is read only now, since that takes its time.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::OfThread(name) => Some(name.clone()),
            Self::OfStack(stack) => of_stack(&stack.to_string()),
        }
    }
}

/// The innermost function below that of the test harness which is no part of std: without its crate
/// and its closures.
fn of_stack(stack: &str) -> Option<String> {
    let frames = stack.lines().filter_map(|line| {
        let (number, name) = line.trim_start().split_once(": ")?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(name.trim())
    });
    let frames: Vec<_> = frames.collect();
    let harness = frames.iter().position(|name| name.starts_with("test::__rust_begin_short"))?;
    let of_std = ["core::", "std::", "alloc::", "test::", "<"];
    let is_test = |name: &&&str| !of_std.iter().any(|prefix| name.starts_with(prefix));
    let test = frames[..harness].iter().rev().find(is_test)?;
    let test = test.split("::{").next()?;
    test.split_once("::").map(|(_, name)| name.to_owned())
}
