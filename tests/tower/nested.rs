//! A layer within a layer: one request with one ID.

use crate::support::Ends;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::identity;
use crate::support::logged;
use crate::support::text_of;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use http::Response;
use http::request::Parts;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndReason::Complete;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::sync::OnceLock;
use tower::Layer;
use tower::ServiceExt;

/// What the outer and the inner hook are told, and the response.
async fn through_both(
    outer: RequestContextLayer,
    inner: RequestContextLayer,
    request: Request,
) -> (Response<Body>, [Ends; 2]) {
    let ((outer_hook, outer_ends), (inner_hook, inner_ends)) = (ends(), ends());
    let app = Router::new().route("/", get(|| async { format!("{} {}", whose(), here()) }));
    let inner = inner.authenticate(by_token).on_end(inner_hook).layer(app);
    let service = outer.on_end(outer_hook).layer(inner);
    let response = service.oneshot(request).await.unwrap();
    (response.map(Body::new), [outer_ends, inner_ends])
}

fn request() -> Request {
    let request = Request::get("/").header("authorization", "Bearer ada");
    request.header("x-request-id", "from-outside").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn both_have_the_id_that_the_outer_one_made() {
    let (outer, inner) = (RequestContextLayer::new(), RequestContextLayer::new());
    let (response, ends) = through_both(outer.clone(), inner.clone(), request()).await;
    let ids: Vec<_> = response.headers().get_all("x-request-id").iter().cloned().collect();
    let [id] = &ids[..] else { panic!("{ids:?}") };
    assert_ne!(id, "from-outside");
    let id = id.to_str().unwrap().to_owned();
    assert_eq!(text_of(response.into_body()).await, format!("ada {id}"));
    for mut ends in ends {
        let end = ends.only();
        assert_eq!((end.reason, end.id), (Complete, id.clone()));
    }
    assert_eq!((outer.replaced_request_ids(), inner.replaced_request_ids()), (1, 0));
}

#[tokio::test]
async fn the_inner_one_trusts_no_header_over_the_id_of_the_outer_one() {
    let inner = RequestContextLayer::new().trust_request_id(|_| true);
    let response = through_both(RequestContextLayer::new(), inner, request()).await.0;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(text_of(response.into_body()).await, format!("ada {id}"));
    assert_ne!(id, "from-outside");
}

#[tokio::test]
async fn a_context_in_the_extensions_that_no_layer_around_runs_in_lends_no_id() {
    let stranger = RequestContext::builder().request_id("stranger".parse().unwrap()).build();
    let app = || Router::new().route("/", get(|| async { here() }));
    let of_stranger = || Request::get("/").extension(stranger.clone()).body(Body::empty()).unwrap();
    let outside = RequestContextLayer::new().layer(app()).oneshot(of_stranger());
    assert_ne!(text_of(outside.await.unwrap().into_body()).await, "stranger");
    let elsewhere = RequestContextLayer::new().layer(app()).oneshot(of_stranger());
    let elsewhere = RequestContext::new().scope(elsewhere).await.unwrap();
    assert_ne!(text_of(elsewhere.into_body()).await, "stranger");
}

/// Who and what the current context is for, and a value of each layer.
fn all_of_it() -> String {
    RequestContext::with(|context| {
        let session = context.session().map_or("none", |session| session.as_str());
        let outer = context.get::<OfOuter>().map_or("none", |value| value.0);
        let inner = context.get::<OfInner>().map_or("none", |value| value.0);
        format!("{} {session} {outer} {inner}", whose())
    })
}

struct OfOuter(&'static str);
impl ContextValue for OfOuter {}
struct OfInner(&'static str);
impl ContextValue for OfInner {}

fn always(identity: Identity) -> impl Fn(&Parts) -> Ready<Authentication> + Clone + 'static {
    move |_: &Parts| ready(Authentication::Identified(identity.clone()))
}

/// The handler's answer, then the body's.
async fn says_all_of_it() -> Body {
    let in_handler = all_of_it();
    let rest = async { Ok::<_, Infallible>(all_of_it()) };
    let both = futures::stream::iter([Ok(in_handler), Ok(" / ".to_owned())]);
    Body::from_stream(futures::StreamExt::chain(both, futures::stream::once(rest)))
}

fn app() -> Router {
    Router::new().route("/", get(says_all_of_it))
}

fn plain() -> Request {
    Request::get("/").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn an_inner_one_without_authentication_keeps_user_session_and_values_and_adds_its_own() {
    let ada = identity("ada").session("s-1".parse().unwrap()).insert(OfOuter("roles"));
    let outer = RequestContextLayer::new().authenticate(always(ada));
    let inner = RequestContextLayer::new().insert(OfInner("policy"));
    let service = outer.layer(inner.layer(app()));
    let text = text_of(service.oneshot(plain()).await.unwrap().into_body()).await;
    assert_eq!(text, "ada s-1 roles policy / ada s-1 roles policy");
}

#[tokio::test]
async fn an_inner_one_that_finds_no_credential_makes_nobody_of_a_user() {
    let outer = RequestContextLayer::new().authenticate(always(identity("ada")));
    let inner = RequestContextLayer::new();
    let inner = inner.authenticate(|_: &Parts| ready(Authentication::Anonymous));
    let service = outer.layer(inner.layer(app()));
    let text = text_of(service.oneshot(plain()).await.unwrap().into_body()).await;
    assert_eq!(text, "ada none none none / ada none none none");
}

#[tokio::test]
async fn whom_the_inner_one_finds_the_outer_one_has_as_after_a_sign_in() {
    let (logged, _guard) = logged();
    let (hook, mut outer_ends) = ends();
    let ada = identity("ada").session("s-1".parse().unwrap()).insert(OfOuter("ada's"));
    let outer = RequestContextLayer::new().authenticate(always(ada)).on_end(hook);
    let inner = RequestContextLayer::new().insert(OfInner("policy"));
    let inner = inner.authenticate(always(identity("bob")));
    let service = outer.layer(inner.layer(app()));
    let text = text_of(service.oneshot(plain()).await.unwrap().into_body()).await;
    assert_eq!(text, "bob none none policy / bob none none policy");
    assert_eq!(outer_ends.only().user, "bob");
    let users: Vec<_> = logged.requests().iter().map(|span| span["user.id"].clone()).collect();
    assert_eq!(users, ["bob", "bob"]);
}

#[tokio::test]
async fn a_sign_in_below_both_is_on_both_spans_and_told_to_both_hooks() {
    let (logged, _guard) = logged();
    let ((outer_hook, mut outer_ends), (inner_hook, mut inner_ends)) = (ends(), ends());
    let handler = || async {
        let _ = RequestContext::current().sign_in(identity("bob"));
    };
    let app = Router::new().route("/", get(handler));
    let inner = RequestContextLayer::new().insert(OfInner("policy")).on_end(inner_hook);
    let service = RequestContextLayer::new().on_end(outer_hook).layer(inner.layer(app));
    drop(service.oneshot(plain()).await.unwrap());
    assert_eq!((outer_ends.only().user, inner_ends.only().user), ("bob".into(), "bob".into()));
    let spans = logged.requests();
    let users: Vec<_> = spans.iter().map(|span| span["user.id"].as_str()).collect();
    assert_eq!(users, ["bob", "bob"]);
}

#[tokio::test]
async fn a_header_of_another_name_is_not_taken_by_the_inner_one_either() {
    let name = http::HeaderName::from_static("x-trace-id");
    for (incoming, replaced) in [(&["forged"] as &[_], 1), (&["a", "b"], 1), (&[], 0)] {
        let outer = RequestContextLayer::new();
        let inner = RequestContextLayer::new().request_id_header(name.clone());
        let inner = inner.trust_request_id(|_| true);
        let seen = name.clone();
        let handler = move |request: Request| async move {
            let values = request.headers().get_all(&seen).iter();
            let values: Vec<_> = values.map(|value| value.to_str().unwrap().to_owned()).collect();
            (values.is_empty() || values == [here()]).to_string()
        };
        let app = Router::new().route("/", get(handler));
        let mut request = plain();
        for value in incoming {
            request.headers_mut().append(&name, value.parse().unwrap());
        }
        let response = outer.layer(inner.clone().layer(app)).oneshot(request).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-request-id"], headers["x-trace-id"]);
        assert_eq!(text_of(response.into_body()).await, "true", "{incoming:?}");
        assert_eq!(inner.replaced_request_ids(), replaced, "{incoming:?}");
    }
}

#[tokio::test]
async fn the_request_goes_on_until_the_outer_one_ends() {
    let leaked = Arc::<OnceLock<RequestContext>>::default();
    let seen = Arc::clone(&leaked);
    let service = tower::service_fn(move |_: Request| {
        seen.set(RequestContext::current()).unwrap();
        ready(Ok::<_, Infallible>(Response::new(Body::from("hello"))))
    });
    let inner = RequestContextLayer::new().insert(OfInner("policy")).layer(service);
    // Reads the whole response, and answers with another one.
    let between = tower::service_fn(move |request: Request| {
        let inner = inner.clone();
        async move {
            text_of(inner.oneshot(request).await?.into_body()).await;
            Ok::<_, Infallible>(Response::new(Body::from("other")))
        }
    });
    let response = RequestContextLayer::new().layer(between).oneshot(plain()).await.unwrap();
    let context = leaked.get().unwrap();
    assert!(!context.has_ended(), "the outer one still has to send");
    drop(response);
    assert!(context.has_ended());
}

#[tokio::test]
async fn the_two_are_one_request_to_code_on_another_task() {
    let service = tower::service_fn(|request: Request| async move {
        let placed = request.extensions().get::<RequestContext>().unwrap();
        assert_eq!(placed.get::<OfInner>().unwrap().0, "policy");
        RequestContext::of_request(request.extensions()).unwrap();
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let inner = RequestContextLayer::new().insert(OfInner("policy")).layer(service);
    // Still in the outer one's context, as a body of the inner one may be.
    let outside = RequestContextLayer::new().layer(inner).oneshot(plain()).await;
    assert_eq!(outside.unwrap().status(), 200);
}
