//! Starting tasks and joining them, on a current_thread runtime: one by one, and 64 at once.

#![expect(clippy::disallowed_methods, reason = "the rivals' tasks are plain ones")]

use fastrace::future::FutureExt as _;
use opentelemetry::context::FutureExt as _;
use request_context_benches::leaf::ready;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::All;
use request_context_benches::rivals::KEY;
use sentry_core::Hub;
use sentry_core::SentryFutureExt as _;
use std::hint::black_box;
use tokio::runtime::Builder;
use tokio::task::JoinHandle;
use tokio_inherit_task_local::FutureInheritTaskLocal as _;
use tracing::Instrument as _;

pub fn measure(meter: &mut dyn Meter) {
    let all = All::default();
    all.enter(|| {
        let mut ops = Vec::new();
        both(&mut ops, "bare", || tokio::spawn(ready()));
        both(&mut ops, "spawn", || request_context::spawn(ready()));
        both(&mut ops, "tokio scope", || tokio::spawn(KEY.scope(KEY.get(), ready())));
        both(&mut ops, "tokio scope, Instrument", || {
            tokio::spawn(KEY.scope(KEY.get(), ready().in_current_span()))
        });
        both(&mut ops, "tokio-inherit-task-local inherit", || {
            tokio::spawn(ready().inherit_task_local())
        });
        both(&mut ops, "opentelemetry with_current_context", || {
            tokio::spawn(ready().with_current_context())
        });
        both(&mut ops, "tracing in_current_span (no value)", || {
            tokio::spawn(ready().in_current_span())
        });
        both(&mut ops, "sentry bind_hub", || tokio::spawn(ready().bind_hub(Hub::current())));
        both(&mut ops, "fastrace in_span", || {
            tokio::spawn(ready().in_span(fastrace::Span::enter_with_local_parent("spawn")))
        });
        meter.group("spawn", ops);
    });
}

const AT_ONCE: usize = 64;

fn both<'a>(ops: &mut Vec<Op<'a>>, name: &str, spawn: impl Fn() -> JoinHandle<()> + Copy + 'a) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    ops.push(Op::repeated(format!("{name}, one by one"), move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                black_box(spawn()).await.expect("a task that does not panic");
            }
        });
    }));
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let mut tasks = Vec::with_capacity(AT_ONCE);
    ops.push(Op::repeated(format!("{name}, {AT_ONCE} at once"), move |times| {
        runtime.block_on(async {
            for _ in 0..times / AT_ONCE as u64 {
                tasks.extend((0..AT_ONCE).map(|_| black_box(spawn())));
                for task in tasks.drain(..) {
                    task.await.expect("a task that does not panic");
                }
            }
        });
    }));
}
