//! Taking what is current along: captured, put around a future, dropped without a poll.

use fastrace::future::FutureExt as _;
use opentelemetry::context::FutureExt as _;
use request_context::ContextExt as _;
use request_context::RequestContext;
use request_context_benches::leaf::ready;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::All;
use request_context_benches::rivals::INHERITED;
use request_context_benches::rivals::KEY;
use sentry_core::Hub;
use sentry_core::SentryFutureExt as _;
use std::hint::black_box;
use tokio_inherit_task_local::FutureInheritTaskLocal as _;
use tracing::Instrument as _;

pub fn measure(meter: &mut dyn Meter) {
    let all = All::default();
    all.enter(|| {
        // A key that is never set would have nothing to inherit.
        assert_eq!(INHERITED.with(|peer| peer.id), 0);
        meter.group(
            "carry",
            vec![
                Op::new("in_current_context", || unpolled(ready().in_current_context())),
                Op::new("in_context", || unpolled(ready().in_context(RequestContext::current()))),
                Op::new("carry", || unpolled(request_context::carry(|| ()))),
                Op::new("bare", || unpolled(ready())),
                Op::new("tokio scope", || unpolled(KEY.scope(KEY.get(), ready()))),
                Op::new("tokio scope, Instrument", || {
                    unpolled(KEY.scope(KEY.get(), ready().in_current_span()))
                }),
                Op::new("tokio-inherit-task-local inherit", || {
                    unpolled(ready().inherit_task_local())
                }),
                Op::new("opentelemetry with_current_context", || {
                    unpolled(ready().with_current_context())
                }),
                Op::new("tracing in_current_span (no value)", || {
                    unpolled(ready().in_current_span())
                }),
                Op::new("sentry bind_hub", || unpolled(ready().bind_hub(Hub::current()))),
                Op::new("fastrace in_span", || {
                    unpolled(ready().in_span(fastrace::Span::enter_with_local_parent("carry")))
                }),
            ],
        );
    });
}

fn unpolled<T>(value: T) {
    drop(black_box(value));
}
