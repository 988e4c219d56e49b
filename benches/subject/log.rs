//! One event, written as a line of JSON to nowhere: ours, and tracing-subscriber's formatter.

use request_context::LogLayer;
use request_context::RequestContext;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use std::hint::black_box;
use std::io;
use tracing::Dispatch;
use tracing::Span;
use tracing::dispatcher::with_default;
use tracing::info_span;
use tracing_subscriber::Registry;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

const SESSION: &str = "0b4f7a52-3f0e-4d3c-9d5b-2f6f3c1a7e90";
const USER: &str = "ada.lovelace";

/// What a line holds of one span.
const SPAN: &str = r#"{"name":"add","article":4711,"colour":"ultramarine"},"#;

pub fn measure(meter: &mut dyn Meter) {
    let context = context();
    let ours = Registry::default().with(LogLayer::json().with_writer(io::sink)).into();
    // What a timestamp costs depends on its digits; without one, counts repeat.
    let untimed = LogLayer::json().with_writer(io::sink).with_timer(());
    let untimed = Registry::default().with(untimed).into();
    let theirs = Registry::default().with(fmt::layer().json().with_writer(io::sink)).into();
    let text = Registry::default().with(LogLayer::text().with_writer(io::sink)).into();
    let in_context = |events: &mut dyn FnMut()| context.clone().sync_scope(events);
    let in_spans = |spans| move |events: &mut dyn FnMut()| nested(spans, events);
    let in_span_of_three_ids = |events: &mut dyn FnMut()| {
        let request_id = context.request_id().as_str();
        info_span!("request", request.id = request_id, session.id = SESSION, user.id = USER)
            .in_scope(events);
    };
    let mut line = String::with_capacity(SPAN.len());
    meter.group(
        "log",
        vec![
            written("three IDs", &ours, in_context),
            written("4 spans", &ours, in_spans(4)),
            written("three IDs, 4 spans", &ours, |events| in_context(&mut || in_spans(4)(events))),
            written("untimed, outside a scope", &untimed, |events| events()),
            written("untimed, three IDs", &untimed, in_context),
            first_written("untimed, three IDs, in a context of its own", &untimed),
            written("untimed, 1 span", &untimed, in_spans(1)),
            written("untimed, 2 spans", &untimed, in_spans(2)),
            written("untimed, 4 spans", &untimed, in_spans(4)),
            Op::new("floor: copy of a span", || {
                line.clear();
                line.push_str(black_box(SPAN));
            }),
            written("text, outside a scope", &text, |events| events()),
            written("text, three IDs", &text, in_context),
            written("tracing-subscriber, no span", &theirs, |events| events()),
            written("tracing-subscriber, three IDs on a span", &theirs, in_span_of_three_ids),
            written("tracing-subscriber, 4 spans", &theirs, in_spans(4)),
            written("tracing-subscriber, three IDs on the first of 5 spans", &theirs, |events| {
                in_span_of_three_ids(&mut || in_spans(4)(events));
            }),
        ],
    );
}

/// An event to that subscriber, in whatever `enter` puts around it.
fn written<'a>(name: &str, subscriber: &Dispatch, enter: impl Fn(&mut dyn FnMut()) + 'a) -> Op<'a> {
    let subscriber = subscriber.clone();
    let op = Op::repeated(name, move |times| {
        let mut events = || (0..times).for_each(|_| event());
        with_default(&subscriber, || enter(&mut events));
    });
    op.batch(128)
}

/// Each event the first of its context, which is made for it.
fn first_written<'a>(name: &str, subscriber: &Dispatch) -> Op<'a> {
    let subscriber = subscriber.clone();
    let op = Op::repeated(name, move |times| {
        with_default(&subscriber, || (0..times).for_each(|_| context().sync_scope(event)));
    });
    op.batch(128)
}

fn context() -> RequestContext {
    let session = SESSION.parse().expect("a legal session ID");
    let user = USER.parse().expect("a legal user ID");
    RequestContext::builder().session(session).user(user).build()
}

#[inline(never)]
fn event() {
    tracing::info!(items = 3, "added to the cart");
}

/// Runs `f` in so many spans, one in another, each with two fields.
fn nested(spans: usize, f: &mut dyn FnMut()) {
    if spans == 0 {
        return f();
    }
    let span: Span = info_span!("add", article = 4711, colour = "ultramarine");
    span.in_scope(|| nested(spans - 1, f));
}
