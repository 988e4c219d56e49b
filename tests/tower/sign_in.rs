//! A user who becomes known within a request: what sees the user from then on.

use crate::support::End;
use crate::support::by_token;
use crate::support::ends;
use crate::support::identity;
use crate::support::logged;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use futures::stream;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::tower::RequestContextLayer;
use request_context::tower::TraceParent;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;
use tower::Layer;
use tower::ServiceExt;
use tracing::Subscriber;
use tracing::span::Id;
use tracing::span::Record;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

struct Roles(&'static str);
impl ContextValue for Roles {}

/// Who and what the current context is for: user, session, roles.
fn all_of_it() -> String {
    RequestContext::with(|context| {
        let session = context.session().map_or("none", |session| session.as_str());
        format!("{} {session} {}", whose(), context.get::<Roles>().map_or("none", |roles| roles.0))
    })
}

/// A body that says in its only frame for whom it is polled.
fn says_all_of_it() -> Body {
    Body::from_stream(stream::once(async { Ok::<_, Infallible>(all_of_it()) }))
}

fn app<F: Future<Output: axum::response::IntoResponse> + Send + 'static>(
    handler: impl Fn() -> F + Clone + Send + Sync + 'static,
) -> Router {
    Router::new().route("/", get(handler))
}

/// What the body saw, and the end, of one request by `authorization`.
async fn run(
    layer: RequestContextLayer,
    authorization: Option<&str>,
    app: Router,
) -> (String, End) {
    let (hook, mut ends) = ends();
    let layer = layer.authenticate(by_token).on_end(hook);
    let mut request = Request::get("/").header("x-request-id", "r");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let response = layer.layer(app).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    (text_of(response.into_body()).await, ends.only())
}

#[tokio::test]
async fn body_hook_span_and_lines_have_the_user_from_then_on() {
    let (logged, _guard) = logged();
    let handler = || async {
        tracing::info!("before");
        let anonymous = RequestContext::current();
        let ada = identity("ada").session("s-1".parse().unwrap());
        let context = anonymous.sign_in(ada);
        assert_eq!(context.request_id(), anonymous.request_id());
        assert_eq!(whose(), "nobody", "what runs already keeps the context that it has");
        let rest = async {
            assert_eq!(whose(), "ada");
            tracing::info!("after");
            request_context::spawn(async { tracing::info!("task") }).await.unwrap();
        };
        context.scope(rest).await;
        Body::from_stream(stream::once(async {
            tracing::info!("body");
            Ok::<_, Infallible>(all_of_it())
        }))
    };
    let (seen_by_the_body, end) = run(trusting(), None, app(handler)).await;
    assert_eq!(seen_by_the_body, "ada s-1 none");
    assert_eq!((end.user.as_str(), end.id.as_str()), ("ada", "r"));
    let lines = logged.lines();
    let users: Vec<_> = lines
        .iter()
        .map(|line| (line["fields"]["message"].as_str().unwrap(), line["user.id"].as_str()))
        .collect();
    let ada = Some("ada");
    assert_eq!(users, [("before", None), ("after", ada), ("task", ada), ("body", ada)]);
    let span = logged.request();
    assert_eq!((&*span["user.id"], &*span["session.id"]), ("ada", "s-1"));
    assert!(span.contains_key("closed"));
}

#[tokio::test]
async fn the_hook_has_the_user_also_if_the_request_is_dropped_or_fails_later() {
    for fails in [false, true] {
        let (hook, mut ends) = ends();
        let service = tower::service_fn(move |_: Request| async move {
            let context = RequestContext::current().sign_in(identity("ada"));
            context.scope(tokio::task::yield_now()).await;
            if !fails {
                std::future::pending::<()>().await;
            }
            Err::<http::Response<Body>, _>("failed")
        });
        let call = trusting().on_end(hook).layer(service).oneshot(Request::new(Body::empty()));
        let mut call = tokio_test::task::spawn(call);
        while call.poll().is_pending() && call.is_woken() {}
        drop(call);
        assert_eq!(ends.only().user, "ada");
    }
}

#[tokio::test]
async fn a_child_task_can_sign_in_for_the_request() {
    let handler = || async {
        let log_in = async {
            let _ = RequestContext::current().sign_in(identity("ada"));
        };
        request_context::spawn(log_in).await.unwrap();
        says_all_of_it()
    };
    let (seen_by_the_body, end) = run(trusting(), None, app(handler)).await;
    assert_eq!((seen_by_the_body.as_str(), end.user.as_str()), ("ada none none", "ada"));
}

#[tokio::test]
async fn of_two_sign_ins_the_second_counts() {
    let (logged, _guard) = logged();
    let handler = || async {
        let ada = RequestContext::current().sign_in(identity("ada").insert(Roles("admin")));
        let bob = ada.sync_scope(|| {
            RequestContext::current().sign_in(identity("bob").insert(Roles("guest")))
        });
        assert_eq!(bob.sync_scope(all_of_it), "bob none guest");
        says_all_of_it()
    };
    let (seen_by_the_body, end) = run(trusting(), None, app(handler)).await;
    assert_eq!((seen_by_the_body.as_str(), end.user.as_str()), ("bob none guest", "bob"));
    assert_eq!(logged.request()["user.id"], "bob");
}

#[tokio::test]
async fn a_sign_in_as_another_user_takes_nothing_of_the_first_along() {
    let handler = || async {
        let first = identity("ada").session("s-of-ada".parse().unwrap()).insert(Roles("admin"));
        let ada = RequestContext::current().sign_in(first);
        let bob = ada.sync_scope(|| RequestContext::current().sign_in(identity("bob")));
        (bob.sync_scope(all_of_it), ()).0
    };
    let (seen, _) = run(trusting(), None, app(handler)).await;
    assert_eq!(seen, "bob none none");
}

#[tokio::test]
async fn a_sign_in_over_an_authenticated_user_takes_nothing_of_that_one_along() {
    let handler = || async {
        let bob = RequestContext::current().sign_in(identity("bob"));
        bob.sync_scope(all_of_it)
    };
    let ada = |_: &http::request::Parts| {
        let ada = identity("ada").session("s-of-ada".parse().unwrap()).insert(Roles("admin"));
        std::future::ready(request_context::tower::Authentication::Identified(ada))
    };
    let service = trusting().authenticate(ada).layer(app(handler));
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(text_of(response.into_body()).await, "bob none none");
}

/// Session fixation: one that an attacker may have begun must not become the user's.
#[tokio::test]
async fn a_session_that_was_begun_before_is_not_taken_along_even_by_the_same_user() {
    let handler = || async {
        let current = RequestContext::current();
        let begun = current.to_builder().session("begun-before".parse().unwrap()).build();
        begun.sign_in(identity("ada")).sync_scope(all_of_it)
    };
    for authorization in [None, Some("Bearer ada")] {
        let (seen, _) = run(trusting(), authorization, app(handler)).await;
        assert_eq!(seen, "ada none none", "{authorization:?}");
    }
}

#[tokio::test]
async fn values_of_the_layer_that_stay_in_their_scope_are_in_the_body_with_and_without_a_sign_in() {
    struct Transaction;
    impl ContextValue for Transaction {
        const REACH: Reach = Reach::Scope;
    }
    for signs_in in [false, true] {
        let handler = move || async move {
            if signs_in {
                let _ = RequestContext::current().sign_in(identity("ada"));
            }
            Body::from_stream(stream::once(async {
                let is_there =
                    RequestContext::with(|context| context.get::<Transaction>().is_some());
                Ok::<_, Infallible>(is_there.to_string())
            }))
        };
        let (seen, _) = run(trusting().insert(Transaction), None, app(handler)).await;
        assert_eq!(seen, "true", "signs in: {signs_in}");
    }
}

#[tokio::test]
async fn handler_and_body_agree_on_who_has_signed_in() {
    let handler = || async {
        let first = identity("ada").session("s-of-ada".parse().unwrap()).insert(Roles("admin"));
        let ada = RequestContext::current().sign_in(first);
        let bob = ada.sync_scope(|| RequestContext::current().sign_in(identity("bob")));
        let in_handler = bob.sync_scope(all_of_it);
        let in_body = stream::once(async move { Ok::<_, Infallible>(all_of_it()) });
        let both = futures::StreamExt::chain(
            stream::iter([Ok(in_handler), Ok(" / ".to_owned())]),
            in_body,
        );
        Body::from_stream(both)
    };
    let (seen, _) = run(trusting(), None, app(handler)).await;
    let (in_handler, in_body) = seen.split_once(" / ").unwrap();
    assert_eq!(in_handler, in_body);
}

#[tokio::test]
async fn the_values_of_the_layer_stay_and_those_of_the_identity_come_first() {
    struct Region(&'static str);
    impl ContextValue for Region {}
    let handler = || async {
        let ada = RequestContext::current().sign_in(identity("ada").insert(Roles("nurse")));
        let of_both = || {
            let region = RequestContext::with(|context| context.get::<Region>().unwrap().0);
            format!("{} {region}", all_of_it())
        };
        ada.sync_scope(of_both)
    };
    let layer = trusting().insert(Roles("of the layer")).insert(Region("eu"));
    let (seen, _) = run(layer, None, app(handler)).await;
    assert_eq!(seen, "ada none nurse eu");
}

#[tokio::test]
async fn the_trace_of_the_request_stays_whoever_signs_in() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let traced = || {
        let traced = RequestContext::with(|context| context.get::<TraceParent>().cloned());
        traced.is_some_and(|trace| trace.as_str() == TRACE)
    };
    let handler = move || async move {
        let before = traced();
        let bob = RequestContext::current().sign_in(identity("bob"));
        format!("{before} {}", bob.sync_scope(traced))
    };
    let layer = trusting().trust_trace_parent(|_| true).authenticate(by_token);
    for authorization in [None, Some("Bearer ada")] {
        let mut request = Request::get("/").header("traceparent", TRACE);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = layer.layer(app(handler)).oneshot(request).await.unwrap();
        assert_eq!(text_of(response.into_body()).await, "true true", "{authorization:?}");
    }
}

#[tokio::test]
async fn a_sign_in_from_the_body_reaches_the_hook() {
    let handler = || async {
        Body::from_stream(stream::once(async {
            let _ = RequestContext::current().sign_in(identity("ada"));
            Ok::<_, Infallible>(all_of_it())
        }))
    };
    let (seen_by_the_body, end) = run(trusting(), None, app(handler)).await;
    assert_eq!((seen_by_the_body.as_str(), end.user.as_str()), ("nobody none none", "ada"));
}

#[tokio::test]
async fn detached_work_can_sign_no_one_in_for_the_request_that_began_it() {
    let handler = || async {
        let sign_in = async {
            let _ = RequestContext::current().sign_in(identity("mallory"));
        };
        request_context::spawn_detached(sign_in).await.unwrap();
        says_all_of_it()
    };
    let (seen_by_the_body, end) = run(trusting(), None, app(handler)).await;
    assert_eq!((seen_by_the_body.as_str(), end.user.as_str()), ("nobody none none", "nobody"));
}

#[test]
fn outside_of_any_layer_it_is_a_derived_context_and_nothing_else() {
    let context = RequestContext::new();
    let ada = context.sign_in(identity("ada"));
    assert_eq!(ada.user().unwrap().as_str(), "ada");
    assert_eq!(ada.request_id(), context.request_id());
    assert!(context.user().is_none() && !ada.has_ended());
}

/// A subscriber may ask for the context of the request whose span is recorded on.
#[test]
fn a_subscriber_that_reads_the_context_while_the_user_is_recorded_does_not_hang() {
    #[derive(Clone, Default)]
    struct Reads(Arc<Mutex<Vec<String>>>);
    impl<S: Subscriber> tracing_subscriber::Layer<S> for Reads {
        fn on_record(&self, _: &Id, _: &Record<'_>, _: Context<'_, S>) {
            let context = RequestContext::current();
            let derived = context.to_builder().build();
            let line = format!("{} {}", derived.request_id(), derived.has_ended());
            self.0.lock().unwrap().push(line);
        }
    }
    let (tell, told) = mpsc::channel();
    let thread = std::thread::Builder::new();
    #[expect(clippy::disallowed_methods, reason = "a thread of the test's own, which may hang")]
    let _never_joined_if_it_hangs = thread.spawn(move || {
        let reads = Reads::default();
        let subscriber = tracing_subscriber::registry().with(reads.clone());
        let _guard = tracing::subscriber::set_default(subscriber);
        let handler = || async {
            let _ = RequestContext::current().sign_in(identity("ada"));
            ""
        };
        let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
        let served = trusting().layer(app(handler)).oneshot(request);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { served.await.map(drop) }).unwrap();
        tell.send(reads.0.lock().unwrap().clone()).unwrap();
    });
    let lines = told.recv_timeout(Duration::from_secs(10)).expect("it hangs, or panicked");
    assert_eq!(lines, ["r false"]);
}

#[tokio::test]
async fn a_context_that_make_span_derived_is_of_the_request_too() {
    let (_logged, _guard) = logged();
    let derived = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&derived);
    let layer = RequestContextLayer::new().make_span(move |context, _| {
        *keep.lock().unwrap() = Some(context.to_builder().build());
        tracing::info_span!("request", user.id = tracing::field::Empty)
    });
    let handler = || async {
        let _ = RequestContext::current().sign_in(identity("ada"));
    };
    let response = layer.layer(app(handler)).oneshot(Request::new(Body::empty())).await.unwrap();
    let derived = derived.lock().unwrap().take().unwrap();
    let mut extensions = http::Extensions::new();
    extensions.insert(derived.clone());
    let found = RequestContext::of_request(&extensions).unwrap();
    assert_eq!(found.user().unwrap().as_str(), "ada");
    drop(response);
    assert!(derived.has_ended());
}
