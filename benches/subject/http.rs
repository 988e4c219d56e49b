//! One request through axum in process: it is built, answered and dropped.

use axum::body::Body;
use axum::body::HttpBody;
use axum::middleware::from_fn;
use http::Request;
use http::Response;
use http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use request_context_benches::edge::*;
use request_context_benches::leaf::poll_opaque;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use std::convert::Infallible;
use std::fmt::Debug;
use std::pin::pin;
use std::task::Poll;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt as _;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::request_id::SetRequestIdLayer;
use tower_http::trace::TraceLayer;

/// With tower-sessions there is another build, which is compared with itself alone.
pub const NAME: &str = if cfg!(feature = "sessions") { "sessions" } else { "http" };

pub fn measure(meter: &mut dyn Meter) {
    let request_id = || {
        let set = SetRequestIdLayer::x_request_id(MakeRequestUuid);
        (set, PropagateRequestIdLayer::x_request_id())
    };
    let (set, propagate) = request_id();
    let request_id = ServiceBuilder::new().layer(set.clone()).layer(propagate.clone());
    let three = ServiceBuilder::new().layer(set).layer(TraceLayer::new_for_http()).layer(propagate);
    let mut ops = Vec::new();
    both(&mut ops, "bare", &router());
    both(&mut ops, "no-op", &Around(Nothing).layer(router()));
    both(&mut ops, "request ID", &request_id.service(router()));
    both(&mut ops, "request ID, trace", &three.service(router()));
    both(&mut ops, "opentelemetry", &Around(OtelContext).layer(router()));
    both(&mut ops, "sentry", &Around(FreshHub).layer(router()));
    both(&mut ops, "floor", &Floor.layer(router()));
    both(&mut ops, "floor, everything", &FloorWithEverything.layer(router()));
    both(&mut ops, "ours", &ours().layer(router()));
    both(&mut ops, "ours, everything", &ours_with_everything().layer(router()));
    let from_fn = from_fn(in_task_local).layer(router());
    ops.push(answered("from_fn", &from_fn));
    #[cfg(feature = "sessions")]
    {
        use tower_sessions::MemoryStore;
        use tower_sessions::SessionManagerLayer;
        let sessions = SessionManagerLayer::new(MemoryStore::default());
        both(&mut ops, "tower-sessions", &sessions.layer(router()));
    }
    meter.group(NAME, ops);
}

/// A request with a credential, its body read or not; and one without any header.
fn both<'a, S, B>(ops: &mut Vec<Op<'a>>, name: &str, service: &S)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + 'a,
    B: HttpBody<Error: Debug>,
{
    ops.push(answered(name, service));
    let of = service.clone();
    ops.push(Op::new(format!("{name}, no headers"), move || {
        now(of.clone().oneshot(Request::new(Body::empty())))
    }));
    let of = service.clone();
    ops.push(Op::new(format!("{name}, body read"), move || {
        now(async {
            let Ok(response) = of.clone().oneshot(request()).await;
            response.into_body().collect().await.expect("a body without an error").to_bytes()
        })
    }));
}

fn answered<'a, S, B>(name: &str, service: &S) -> Op<'a>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + 'a,
{
    let service = service.clone();
    Op::new(name, move || now(service.clone().oneshot(request())))
}

fn request() -> Request<Body> {
    let credential = http::HeaderValue::from_static(CREDENTIAL);
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(AUTHORIZATION, credential);
    request
}

/// Nothing waits here.
fn now<F: Future>(future: F) -> F::Output {
    match poll_opaque(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing in the service waits"),
    }
}
