//! Which requests a layer covers, by where it stands in a router.

use crate::support::get as send_get;
use crate::support::here;
use crate::support::in_layer;
use crate::support::send;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::axum::CurrentUser;
use request_context::tower::RequestContextLayer;

async fn place() -> String {
    here()
}

#[tokio::test]
async fn a_layer_on_one_route_covers_that_route_alone() {
    let app = Router::new()
        .route("/in", get(place).layer(RequestContextLayer::new()))
        .route("/out", get(place));
    let (inside, outside) = (send_get(&app, "/in", "").await, send_get(&app, "/out", "").await);
    assert_eq!((inside.body.as_str(), inside.request_id().is_some()), ("nobody", true));
    assert_eq!((outside.body.as_str(), outside.request_id()), ("outside", None));
}

#[tokio::test]
async fn a_layer_on_a_router_covers_the_routes_above_it_only() {
    let app = Router::new()
        .route("/above", get(place))
        .layer(RequestContextLayer::new())
        .route("/below", get(place));
    let (above, below) = (send_get(&app, "/above", "").await, send_get(&app, "/below", "").await);
    assert_eq!((above.body.as_str(), above.request_id().is_some()), ("nobody", true));
    assert_eq!((below.body.as_str(), below.request_id()), ("outside", None));
}

#[tokio::test]
async fn an_unmatched_request_is_in_the_context_too() {
    let routes = || Router::new().route("/", get(place));
    let own_fallback = routes().fallback(|id: RequestId| async move { id.to_string() });
    for app in [
        in_layer(routes()),
        routes().layer(RequestContextLayer::new()),
        in_layer(own_fallback.clone()),
        own_fallback.layer(RequestContextLayer::new()),
    ] {
        let reply = send_get(&app, "/nowhere", "").await;
        let id = reply.request_id().expect("the ID is on a 404");
        match reply.status {
            StatusCode::NOT_FOUND => assert_eq!(reply.body, ""),
            status => assert_eq!((status, reply.body.as_str()), (StatusCode::OK, id)),
        }
    }
}

#[tokio::test]
async fn a_route_layer_leaves_the_unmatched_requests_out() {
    let app = Router::new().route("/", get(place)).route_layer(RequestContextLayer::new());
    assert!(send_get(&app, "/", "").await.request_id().is_some());
    let unmatched = send_get(&app, "/nowhere", "").await;
    assert_eq!((unmatched.status, unmatched.request_id()), (StatusCode::NOT_FOUND, None));
}

#[tokio::test]
async fn a_method_that_is_not_allowed_is_answered_with_the_id() {
    let routes = || Router::new().route("/", get(place));
    for app in [in_layer(routes()), routes().layer(RequestContextLayer::new())] {
        let reply = send(&app, Method::DELETE, "/", "").await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(reply.request_id().is_some());
        assert_eq!(reply.headers["allow"], "GET,HEAD");
    }
}

#[tokio::test]
async fn nested_routers_and_their_fallbacks_have_the_context_of_the_request() {
    let name = |name: &'static str| {
        async move |id: RequestId, user: CurrentUser| {
            format!("{name} {} {id} {}", user.as_str(), here())
        }
    };
    let inner = Router::new().route("/leaf", get(name("leaf"))).fallback(name("inner fallback"));
    let outer = Router::new().nest("/api", inner).fallback(name("outer fallback"));
    let app = in_layer(Router::new().nest("/v1", outer.clone()).merge(outer));
    for (path, expected) in [
        ("/api/leaf", "leaf"),
        ("/api/nowhere", "inner fallback"),
        ("/v1/api/leaf", "leaf"),
        ("/nowhere", "outer fallback"),
    ] {
        let reply = send_get(&app, path, "ada").await;
        let id = reply.request_id().unwrap();
        assert_eq!(reply.body, format!("{expected} ada {id} ada"), "{path}");
    }
}

#[tokio::test]
async fn a_layer_inside_a_nested_router_covers_that_router_alone() {
    let inner = Router::new().route("/leaf", get(place)).layer(RequestContextLayer::new());
    let app = Router::new().nest("/api", inner).route("/leaf", get(place));
    assert_eq!(send_get(&app, "/api/leaf", "").await.body, "nobody");
    assert_eq!(send_get(&app, "/leaf", "").await.body, "outside");
}

#[tokio::test]
async fn head_runs_the_get_handler_in_the_context() {
    let handler = || async {
        let id = HeaderValue::from_str(RequestContext::current().request_id().as_str()).unwrap();
        ([("x-seen", id)], "a body of 21 bytes...")
    };
    let app = in_layer(Router::new().route("/", get(handler)));
    let reply = send(&app, Method::HEAD, "/", "").await;
    assert_eq!(reply.headers["x-seen"], reply.headers["x-request-id"]);
    assert_eq!(
        (reply.body.as_str(), &reply.headers["content-length"]),
        ("", &"21".parse().unwrap())
    );
}

async fn say_where(request: Request, next: Next) -> Response {
    let before = here();
    let mut response = next.run(request).await;
    let places = format!("{before} {}", here());
    response.headers_mut().insert("x-place", places.parse().unwrap());
    response
}

#[tokio::test]
async fn a_middleware_is_in_the_context_if_it_is_inside_the_layer() {
    let on_one_route = Router::new().route("/", get(place).layer(from_fn(say_where)));
    let on_all = Router::new().route("/", get(place)).layer(from_fn(say_where));
    for router in [on_one_route, on_all] {
        let reply = send_get(&in_layer(router), "/", "ada").await;
        assert_eq!(
            (&reply.headers["x-place"], reply.body.as_str()),
            (&"ada ada".parse().unwrap(), "ada")
        );
    }
    let above = in_layer(Router::new().route("/", get(place))).layer(from_fn(say_where));
    let reply = send_get(&above, "/", "ada").await;
    assert_eq!(reply.headers["x-place"], "outside outside");
    assert_eq!(reply.body, "ada");
}

#[tokio::test]
async fn a_layer_inside_another_one_keeps_the_id_of_the_request() {
    let inner = Router::new()
        .route("/", get(|id: RequestId| async move { id.to_string() }))
        .layer(RequestContextLayer::new());
    let reply = send_get(&in_layer(inner), "/", "").await;
    assert_eq!(reply.request_id(), Some(reply.body.as_str()));
}
