//! A layer within a layer: one request with one ID.

use crate::support::Ends;
use crate::support::by_token;
use crate::support::ends;
use crate::support::here;
use crate::support::text_of;
use crate::support::whose;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use http::Response;
use request_context::RequestContext;
use request_context::tower::EndReason::Complete;
use request_context::tower::RequestContextLayer;
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
