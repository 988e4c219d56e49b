//! The layer around a small service, in process.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http::StatusCode;
use http::request::Parts;
use http_body_util::BodyExt;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::EndReason;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;
use tower::ServiceExt;

fn whoami() -> Router {
    Router::new().route(
        "/",
        get(|| async {
            let context = RequestContext::current();
            let user = context.user().map_or("nobody", |user| user.as_str()).to_owned();
            format!("{user} {}", context.request_id())
        }),
    )
}

fn by_token(parts: &Parts) -> impl Future<Output = Authentication> + Send + use<> {
    assert!(RequestContext::current().user().is_none());
    let token = bearer_token(&parts.headers).map(|token| token.map(str::to_owned));
    async move {
        assert!(RequestContext::current().user().is_none());
        match token {
            Ok(None) => Authentication::Anonymous,
            Ok(Some(user)) if user != "wrong" => {
                Authentication::Identified(Identity::new(user.parse().unwrap()))
            }
            _ => Authentication::rejected(),
        }
    }
}

type Ends = Arc<Mutex<Vec<(String, EndReason, Option<u16>, u64)>>>;

fn note(ends: &Ends) -> impl Fn(&EndOfRequest) + use<> {
    let ends = Arc::clone(ends);
    move |end| {
        let context = RequestContext::current();
        let user = context.user().map_or("nobody", |user| user.as_str()).to_owned();
        let status = end.status().map(|status| status.as_u16());
        ends.lock().unwrap().push((user, end.reason(), status, end.body_bytes()));
    }
}

#[tokio::test]
async fn each_request_has_its_user_and_its_id_on_the_response() {
    let ends = Ends::default();
    let layer = RequestContextLayer::new().authenticate(by_token).on_end(note(&ends));
    let app = layer.layer(whoami());
    for (header, status, user) in
        [(None, 200, "nobody"), (Some("bEaReR ada"), 200, "ada"), (Some("Bearer wrong"), 401, "")]
    {
        let mut request = Request::get("/");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::from_u16(status).unwrap());
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        if status == 200 {
            assert_eq!(body, format!("{user} {id}"));
        }
    }
    assert_eq!(
        *ends.lock().unwrap(),
        [
            ("nobody".to_owned(), EndReason::Complete, Some(200), 43),
            ("ada".to_owned(), EndReason::Complete, Some(200), 40),
            ("nobody".to_owned(), EndReason::Complete, Some(401), 0),
        ]
    );
}

#[tokio::test]
async fn after_a_sign_in_the_rest_of_the_request_is_the_users() {
    let ends = Ends::default();
    let app = Router::new().route(
        "/",
        get(|| async {
            let identity = Identity::new("ada".parse().unwrap());
            let context = RequestContext::current().sign_in(identity);
            context.scope(async { RequestContext::current().user().unwrap().to_string() }).await
        }),
    );
    let app = RequestContextLayer::new().on_end(note(&ends)).layer(app);
    let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ada");
    assert_eq!(*ends.lock().unwrap(), [("ada".into(), EndReason::Complete, Some(200), 3)]);
}
