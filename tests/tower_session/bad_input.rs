//! What no client of ours would send: over raw sockets, and through the service where hyper is in the way.

use crate::support::App;
use crate::support::Carrier;
use crate::support::routes;
use axum::Router;
use axum::body::Body;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::StatusCode;
use http_body_util::BodyExt;
use request_context::session::MemoryStore;
use request_context::session::Sessions;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use tower::Layer;
use tower::ServiceExt;

#[tokio::test]
async fn the_cookie_is_found_among_many_and_large_ones() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let whose = client.ask("/whose").await;
    let token = client.token.take().unwrap();
    let many = (0..1000).map(|i| format!("c{i}={i}")).collect::<Vec<_>>().join("; ");
    let large = format!("big={}", "x".repeat(100_000));
    let ours = format!("__Host-id={token}");
    for cookies in [
        format!("{many}; {ours}"),
        format!("{ours}; {many}"),
        format!("{large}; {ours}"),
        format!(";;; ;{ours};;"),
        format!("novalue; =; {ours}; __Host-id2=x; x__Host-id=y; __host-id=z; __Host-i=d"),
        format!("\t __Host-id\t=\t{token}\t"),
    ] {
        let request = client.request(Method::GET, "/whose").header("cookie", &cookies);
        let reply = client.send(request).await;
        assert_eq!((reply.status, &reply.body), (StatusCode::OK, &whose), "{}", cookies.len());
    }
    // Two of them in one line.
    for cookies in [
        format!("{ours}; {ours}"),
        format!("{ours}; a=b;__Host-id =x"),
        format!("{ours};__Host-id="),
    ] {
        let request = client.request(Method::GET, "/whose").header("cookie", &cookies);
        assert_eq!(client.send(request).await.status, StatusCode::UNAUTHORIZED, "{cookies}");
    }
    // In two headers, as HTTP/2 may have it.
    let request = client.request(Method::GET, "/whose").header("cookie", "a=b");
    assert_eq!(client.send(request.header("cookie", ours)).await.body, whose);
}

#[tokio::test]
async fn a_token_in_any_other_shape_is_of_no_session() {
    let app = App::start(Carrier::Cookie, Policy::api()).await;
    let mut client = app.client_of("ada").await;
    let token = client.token.take().unwrap();
    let large = "x".repeat(100_000);
    for value in [
        &*format!("\"{token}\""),
        &format!("{token}="),
        &format!("{token}{token}"),
        &format!("%20{token}"),
        &token[1..],
        &token.to_uppercase(),
        &large,
    ] {
        let cookie = format!("__Host-id={value}");
        let request = client.request(Method::GET, "/whose").header("cookie", cookie);
        assert_eq!(client.send(request).await.status, StatusCode::NOT_FOUND);
    }
    for value in [&b"__Host-id=\xff\xfe"[..], "__Host-id=ä; a=b".as_bytes()] {
        let value = HeaderValue::from_bytes(value).unwrap();
        let request = client.request(Method::GET, "/whose").header("cookie", value);
        assert_eq!(client.send(request).await.status, StatusCode::NOT_FOUND);
    }
    // Others may hold what they like.
    let value = [b"a=\xff\xfe; __Host-id=", token.as_bytes()].concat();
    let value = HeaderValue::from_bytes(&value).unwrap();
    let request = client.request(Method::GET, "/whose").header("cookie", value);
    assert_eq!(client.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_header_that_is_no_text_is_of_no_session() {
    for (carrier, name) in [(Carrier::Header, "x-session-id"), (Carrier::Bearer, "authorization")] {
        let app = App::start(carrier, Policy::api()).await;
        let mut client = app.client().await;
        for value in [&b"Bearer \xff"[..], b"Bearer ", "Bearer ä".as_bytes(), b"bearer   ?"] {
            let value = HeaderValue::from_bytes(value).unwrap();
            let request = client.request(Method::POST, "/write/a").header(name, value);
            assert_eq!(client.send(request).await.status, StatusCode::NOT_FOUND, "{carrier:?}");
        }
    }
}

#[tokio::test]
async fn a_thousand_headers_of_one_name_are_rejected() {
    let sessions = Sessions::new(MemoryStore::default());
    for (transport, name, value) in [
        (Transport::header(), "x-session-id", "x"),
        (Transport::bearer(), "authorization", "Bearer x"),
        (Transport::cookie().into(), "cookie", "__Host-id=x"),
    ] {
        let layer = SessionLayer::new(sessions.clone(), transport, Policy::browser());
        let app = RequestContextLayer::new().layer(layer.layer(routes(Default::default())));
        let app = Router::new().fallback_service(app);
        let mut request = Request::get("/whose");
        for _ in 0..1000 {
            request = request.header(name, value);
        }
        let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(br#"{"error":"session_rejected""#));
    }
}
