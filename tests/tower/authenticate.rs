//! Who a request is for: identified, anonymous, rejected, or not to be found out.

use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::identity;
use crate::support::text_of;
use crate::support::trusting;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_LENGTH;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::tower::Authenticate;
use request_context::tower::Authentication;
use request_context::tower::EndReason;
use request_context::tower::RequestContextLayer;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

fn whoami() -> Router {
    Router::new().route("/", get(|| async { whose() }))
}

/// A service that must not be called.
fn unreachable_service()
-> impl Service<Request, Response = http::Response<Body>, Error = Infallible, Future: Send> + Clone
{
    tower::service_fn(|_: Request| -> Ready<_> { panic!("the inner service was called") })
}

fn request(authorization: &[&str]) -> Request {
    let mut request = Request::new(Body::empty());
    for value in authorization {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append("authorization", value);
    }
    request.headers_mut().insert("x-request-id", HeaderValue::from_static("r"));
    request
}

/// Answers always the same.
fn always(answer: Authentication) -> impl Fn(&Parts) -> Ready<Authentication> {
    move |_| ready(answer.clone())
}

/// What a refused client gets.
async fn refusal(
    authenticate: impl Fn(&Parts) -> Ready<Authentication>,
    authorization: &[&str],
) -> (StatusCode, HeaderMap) {
    let service = trusting().authenticate(authenticate).layer(unreachable_service());
    let response = service.oneshot(request(authorization)).await.unwrap();
    let (parts, body) = response.into_parts();
    assert_eq!(text_of(body).await, "", "the client is told nothing else");
    assert_eq!(parts.headers["x-request-id"], "r");
    assert_eq!(parts.headers[CACHE_CONTROL], "no-store");
    assert_eq!(parts.headers[CONTENT_LENGTH], "0");
    (parts.status, parts.headers)
}

#[tokio::test]
async fn who_has_a_valid_credential_passes() {
    let service = trusting().authenticate(by_token).layer(whoami());
    let response = service.oneshot(request(&["Bearer ada"])).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(text_of(response.into_body()).await, "ada");
}

#[tokio::test]
async fn who_has_none_goes_on_without_a_user_if_that_is_the_answer() {
    let service = trusting().authenticate(by_token).layer(whoami());
    let response = service.oneshot(request(&[])).await.unwrap();
    assert_eq!(text_of(response.into_body()).await, "nobody");
}

#[tokio::test]
async fn who_is_rejected_gets_401_with_a_challenge_and_the_service_is_not_called() {
    for authorization in ["Bearer wrong", "Bearer ", "Basic YTpi", "Bearer\tada", "Bearer a b"] {
        let (status, headers) = refusal(by_token, &[authorization]).await;
        assert_eq!(status, 401, "{authorization}");
        assert_eq!(headers[WWW_AUTHENTICATE], r#"Bearer error="invalid_token""#);
    }
}

#[tokio::test]
async fn the_challenge_is_the_one_of_the_answer() {
    let challenge = HeaderValue::from_static(r#"Basic realm="staff""#);
    let answer = always(Authentication::Rejected(challenge.clone()));
    let (status, headers) = refusal(answer, &[]).await;
    assert_eq!(status, 401);
    assert_eq!(headers.get_all(WWW_AUTHENTICATE).iter().collect::<Vec<_>>(), [&challenge]);
}

#[tokio::test]
async fn where_it_cannot_be_found_out_the_client_gets_503_and_the_service_is_not_called() {
    let (status, headers) = refusal(always(Authentication::Unavailable), &["Bearer ada"]).await;
    assert_eq!(status, 503);
    assert!(!headers.contains_key(WWW_AUTHENTICATE));
}

#[tokio::test]
async fn two_credentials_are_rejected_without_asking() {
    let never = |_: &Parts| -> Ready<Authentication> { panic!("asked") };
    for authorization in
        [&["Bearer ada", "Bearer bob"] as &[_], &["Bearer ada", "Bearer ada"], &["", ""], &["a"; 5]]
    {
        let (status, headers) = refusal(never, authorization).await;
        assert_eq!(status, 401);
        assert_eq!(headers[WWW_AUTHENTICATE], r#"Bearer error="invalid_request""#);
    }
}

#[tokio::test]
async fn no_header_makes_a_user() {
    let names = ["x-user-id", "x-user", "user.id", "x-forwarded-user", "x-session-id", "cookie"];
    for service in [
        trusting().layer(whoami()).boxed_clone(),
        trusting().authenticate(by_token).layer(whoami()).boxed_clone(),
    ] {
        let mut request = request(&[]);
        for name in names {
            request.headers_mut().insert(name, HeaderValue::from_static("ada"));
        }
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(text_of(response.into_body()).await, "nobody");
    }
}

#[tokio::test]
async fn session_and_values_of_the_identity_arrive() {
    struct Roles(&'static str);
    impl ContextValue for Roles {}
    struct Region(&'static str);
    impl ContextValue for Region {}
    let answer = |_: &Parts| {
        let ada = identity("ada").session("s-1".parse().unwrap()).insert(Roles("nurse"));
        ready(Authentication::Identified(ada))
    };
    let app = Router::new().route(
        "/",
        get(|| async {
            RequestContext::with(|context| {
                let (roles, region) = (context.get::<Roles>().unwrap(), context.get::<Region>());
                let session = context.require_session().unwrap();
                format!("{} {session} {} {}", whose(), roles.0, region.unwrap().0)
            })
        }),
    );
    let layer = RequestContextLayer::new().insert(Roles("of the layer")).insert(Region("eu"));
    let response = layer.authenticate(answer).layer(app).oneshot(request(&[])).await.unwrap();
    assert_eq!(text_of(response.into_body()).await, "ada s-1 nurse eu");
}

/// Asks a service over there, as a real one does.
struct OfTwoSteps {
    asked: AtomicUsize,
}

impl Authenticate for OfTwoSteps {
    type Future = std::pin::Pin<Box<dyn Future<Output = Authentication> + Send>>;

    fn authenticate(&self, parts: &Parts) -> Self::Future {
        struct NotesItsDrop;
        impl Drop for NotesItsDrop {
            fn drop(&mut self) {
                assert_eq!((here().as_str(), whose().as_str()), ("r", "nobody"));
            }
        }
        self.asked.fetch_add(1, SeqCst);
        assert_eq!((here().as_str(), whose().as_str()), ("r", "nobody"));
        let name = parts.headers["authorization"].to_str().unwrap().to_owned();
        Box::pin(async move {
            let _notes = NotesItsDrop;
            tokio::task::yield_now().await;
            let deadline = RequestContext::with(|context| context.get::<Deadline>().unwrap().0);
            assert_eq!((here().as_str(), whose().as_str(), deadline), ("r", "nobody", 7));
            Authentication::Identified(identity(&name))
        })
    }
}

struct Deadline(u8);
impl ContextValue for Deadline {}

#[tokio::test]
async fn it_is_asked_once_in_a_context_with_the_id_and_the_values_and_without_a_user() {
    let asked = Arc::new(OfTwoSteps { asked: AtomicUsize::new(0) });
    let counted = Arc::clone(&asked);
    let layer = trusting().insert(Deadline(7));
    let mut service =
        layer.authenticate(move |parts: &Parts| asked.authenticate(parts)).layer(whoami());
    for (index, user) in ["ada", "bob"].into_iter().enumerate() {
        let response = service.call(request(&[user])).await.unwrap();
        assert_eq!(text_of(response.into_body()).await, user);
        assert_eq!(counted.asked.load(SeqCst), index + 1);
    }
    assert_eq!(here(), "nowhere");
}

#[tokio::test]
async fn cancelled_while_it_is_asked_no_scope_is_left_and_the_hook_is_told_once() {
    let (hook, mut ends) = ends();
    let layer = trusting().insert(Deadline(7)).on_end(hook);
    let mut service =
        layer.authenticate(OfTwoSteps { asked: AtomicUsize::new(0) }).layer(unreachable_service());

    drop(service.call(request(&["ada"])));
    assert_eq!(here(), "nowhere");
    let end = ends.only();
    assert_eq!(end.what(), (EndReason::NeverPolled, None, 0));
    assert_eq!((end.id.as_str(), end.user.as_str()), ("r", "nobody"));

    let mut asking = tokio_test::task::spawn(service.call(request(&["ada"])));
    assert!(asking.poll().is_pending());
    assert_eq!(here(), "nowhere");
    drop(asking);
    assert_eq!(here(), "nowhere");
    assert_eq!(ends.only().what(), (EndReason::Dropped, None, 0));
}

#[tokio::test]
async fn where_it_panics_no_scope_is_left_and_the_service_is_not_called() {
    let panics_at_once =
        |_: &Parts| -> Ready<Authentication> { std::panic::resume_unwind(Box::new(())) };
    let panics_later = |_: &Parts| async { std::panic::resume_unwind(Box::new(())) };
    let (hook, mut ends) = ends();
    let layer = trusting().on_end(hook);
    let mut at_once = layer.clone().authenticate(panics_at_once).layer(unreachable_service());
    let mut later = layer.authenticate(panics_later).layer(unreachable_service());
    for is_later in [false, true] {
        let call = std::panic::AssertUnwindSafe(async {
            if is_later {
                later.call(request(&[])).await.map(drop)
            } else {
                at_once.call(request(&[])).await.map(drop)
            }
        });
        assert!(futures::FutureExt::catch_unwind(call).await.is_err());
        assert_eq!(here(), "nowhere");
        assert_eq!(ends.only().what(), (EndReason::Panicked, None, 0));
    }
}

#[tokio::test]
async fn the_hook_is_told_of_a_refusal_without_a_user() {
    for (answer, status) in [(Authentication::rejected(), 401), (Authentication::Unavailable, 503)]
    {
        let (hook, mut ends) = ends();
        let layer = trusting().on_end(hook).authenticate(always(answer));
        let response = layer.layer(unreachable_service()).oneshot(request(&[])).await.unwrap();
        drop(response);
        let end = ends.only();
        assert_eq!(end.what(), (EndReason::Complete, Some(status), 0));
        assert_eq!((end.id.as_str(), end.user.as_str()), ("r", "nobody"));
    }
}
