//! Making a context.

use request_context::RequestContext;
use request_context::RequestId;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::OtelPeer;
use request_context_benches::rivals::Peer;
use std::hint::black_box;
use std::sync::Arc;
use uuid::Uuid;

const SESSION: &str = "0b4f7a52-3f0e-4d3c-9d5b-2f6f3c1a7e90";
const USER: &str = "ada.lovelace";

/// What a user writes without us.
struct ByHand {
    _request_id: String,
    _session: Option<String>,
    _user: Option<String>,
}

pub fn measure(meter: &mut dyn Meter) {
    let (session, user) = (black_box(SESSION), black_box(USER));
    meter.group(
        "make",
        vec![
            Op::new("new", || drop(black_box(RequestContext::new()))),
            Op::new("new, kept", || std::mem::forget(black_box(RequestContext::new()))),
            Op::new("session and user", || drop(black_box(parsed(session, user)))),
            Op::new("session and user, kept", || {
                std::mem::forget(black_box(parsed(session, user)))
            }),
            Op::new("request ID alone", || drop(black_box(RequestId::new()))),
            Op::new("floor: uuid", Uuid::new_v4),
            Op::new("floor: uuid, rendered in place", || {
                let mut buffer = [0; 36];
                Uuid::new_v4().hyphenated().encode_lower(&mut buffer);
                black_box(buffer);
            }),
            Op::new("floor: Arc of as many bytes", || drop(black_box(Arc::<Peer>::default()))),
            Op::new("by hand: Arc of a String", || drop(black_box(by_hand(None, None)))),
            Op::new("by hand: Arc of three Strings", || {
                drop(black_box(by_hand(Some(session), Some(user))));
            }),
            Op::new("opentelemetry with_value", || {
                let value = OtelPeer(Arc::<Peer>::default());
                drop(black_box(opentelemetry::Context::new().with_value(value)));
            }),
        ],
    );
}

fn parsed(session: &str, user: &str) -> RequestContext {
    let session = session.parse().expect("a legal session ID");
    let user = user.parse().expect("a legal user ID");
    RequestContext::builder().session(session).user(user).build()
}

fn by_hand(session: Option<&str>, user: Option<&str>) -> Arc<ByHand> {
    Arc::new(ByHand {
        _request_id: Uuid::new_v4().to_string(),
        _session: session.map(str::to_owned),
        _user: user.map(str::to_owned),
    })
}
