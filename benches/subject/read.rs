//! Reading what is current.

use request_context::RequestContext;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::All;
use request_context_benches::rivals::INHERITED;
use request_context_benches::rivals::KEY;
use request_context_benches::rivals::OtelPeer;
use request_context_benches::rivals::Peer;
use sentry_core::Hub;
use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;

thread_local! {
    static CELL: Cell<u64> = const { Cell::new(1) };
}

pub fn measure(meter: &mut dyn Meter) {
    let all = All::default();
    all.enter(|| {
        let peer = &all.peer;
        meter.group(
            "read",
            vec![
                Op::new("in_scope", RequestContext::in_scope),
                Op::new("current", || drop(black_box(RequestContext::current()))),
                Op::new("try_current", || drop(black_box(RequestContext::try_current()))),
                Op::new("with", || RequestContext::with(|context| context.user().is_some())),
                Op::new("try_with", || {
                    RequestContext::try_with(|context| context.user().is_some()).unwrap_or_default()
                }),
                Op::new("floor: nothing", || ()),
                Op::new("floor: parameter", || field(black_box(peer))),
                Op::new("floor: thread_local Cell", || CELL.get()),
                Op::new("floor: Arc clone", || drop(black_box(Arc::clone(black_box(peer))))),
                Op::new("floor: Arc clone, read", || {
                    let peer = Arc::clone(black_box(peer));
                    peer.user.is_some()
                }),
                Op::new("tokio with", || KEY.with(|peer| peer.id)),
                Op::new("tokio try_with unit", || KEY.try_with(|_| ()).is_ok()),
                Op::new("tokio get", || drop(black_box(KEY.get()))),
                Op::new("tokio-inherit-task-local with", || INHERITED.with(|peer| peer.id)),
                Op::new("opentelemetry map_current", || {
                    opentelemetry::Context::map_current(|cx| cx.get().map(|p: &OtelPeer| p.0.id))
                }),
                Op::new("tracing Span::current (no value)", tracing::Span::current),
                Op::new("sentry Hub::current", Hub::current),
                Op::new("fastrace current_local_parent", || {
                    fastrace::prelude::SpanContext::current_local_parent().map(|cx| cx.span_id)
                }),
            ],
        );
    });
}

fn field(peer: &Peer) -> u64 {
    peer.id
}
