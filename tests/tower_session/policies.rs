//! What is answered to tokens that are not let in.

use crate::support::App;
use crate::support::Carrier;
use crate::support::Reply;
use crate::support::outlast;
use http::Method;
use http::StatusCode;
use request_context::session::SessionToken;
use request_context::tower::session::Policy;
use serde_json::Value;

#[track_caller]
fn assert_refused(reply: &Reply, carrier: Carrier, status: StatusCode, error: &str) {
    assert_eq!(reply.status, status);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["error"], error);
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let challenge = (status == StatusCode::UNAUTHORIZED).then_some("Bearer");
    assert_eq!(reply.header("www-authenticate"), challenge);
    assert!(reply.header("x-request-id").is_some());
    assert_eq!(reply.header("x-session-id"), None);
    // A page cannot leave out a cookie that it may not read: who is told that it is dead is rid of it.
    let is_cookie = reply.headers.contains_key("set-cookie");
    assert_eq!(is_cookie, carrier == Carrier::Cookie && status == StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_api_is_told_404_of_a_token_of_no_session() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::api()).await;
        let mut client = app.client_of("ada").await;
        outlast(&app.sessions).await;
        let token = client.token.clone().unwrap();
        let reply = client.get("/whose").await;
        assert_refused(&reply, carrier, StatusCode::NOT_FOUND, "session_not_found");
        let client = client.with(&token);
        app.store.asked();

        let malformed = ["x", "=", &"a".repeat(42), &"a".repeat(44), &"!".repeat(43)];
        for token in malformed {
            let mut client = client.again().await.with(token);
            let reply = client.post("/write/a").await;
            assert_refused(&reply, carrier, StatusCode::NOT_FOUND, "session_not_found");
        }
        assert_eq!(app.store.asked(), 0, "what is no token is not asked for");

        let unknown = SessionToken::new().unwrap().reveal(str::to_owned);
        let mut client = client.with(&unknown);
        let reply = client.post("/write/a").await;
        assert_refused(&reply, carrier, StatusCode::NOT_FOUND, "session_not_found");
        assert!(
            app.sessions.open(&SessionToken::parse(&unknown).unwrap()).await.unwrap().is_none()
        );
        // Without a token the same client goes on.
        client.token = None;
        assert_eq!(client.ask("/write/a").await, "a");
    }
}

#[tokio::test]
async fn a_page_whose_api_session_has_expired_can_log_in_again() {
    let app = App::start(Carrier::Cookie, Policy::api()).await;
    let mut page = app.client_of("ada").await;
    outlast(&app.sessions).await;
    // It sends its cookie with the login too: a script can neither read nor remove that.
    let refused = page.post("/login/ada").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let removed = "__Host-id=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
    assert_eq!(refused.header("set-cookie"), Some(removed));
    assert!(page.ask("/login/ada").await.starts_with("ada "));
    assert!(page.ask("/whose").await.starts_with("ada "));
}

#[tokio::test]
async fn a_browser_goes_on_without_the_dead_token() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::browser()).await;
        let mut client = app.client_of("ada").await;
        client.ask("/write/secret").await;
        outlast(&app.sessions).await;
        let old = client.token.clone();
        assert_eq!(client.ask("/whose").await, "nobody -");
        client.token = old;
        assert_eq!(client.ask("/write/a").await, "a");
        assert_eq!(client.ask("/read").await, "a");
    }
}

#[tokio::test]
async fn two_tokens_are_rejected_also_if_they_are_the_same() {
    for policy in [Policy::api(), Policy::browser()] {
        for carrier in Carrier::ALL {
            let app = App::start(carrier, policy).await;
            let mut client = app.client_of("ada").await;
            let token = client.token.clone().unwrap();
            if carrier == Carrier::Bearer {
                // The layer around has rejected it, without a look.
                let request = carrier.put(&token, client.request(Method::GET, "/whose"));
                assert_eq!(client.send(request).await.status, StatusCode::UNAUTHORIZED);
                continue;
            }
            for other in [token.as_str(), "x", ""] {
                let request = carrier.put(other, client.request(Method::GET, "/whose"));
                let reply = client.send(request).await;
                assert_refused(&reply, carrier, StatusCode::UNAUTHORIZED, "session_rejected");
            }
            assert!(client.ask("/whose").await.starts_with("ada "));
        }
    }
}

#[tokio::test]
async fn another_scheme_than_bearer_is_rejected() {
    let app = App::start(Carrier::Bearer, Policy::api()).await;
    let mut client = app.client().await;
    let request = client.request(Method::GET, "/whose").header("authorization", "Basic YTpi");
    let reply = client.send(request).await;
    assert_refused(&reply, Carrier::Bearer, StatusCode::UNAUTHORIZED, "session_rejected");
}

#[tokio::test]
async fn grpc_is_refused_in_its_own_terms() {
    for content_type in ["application/grpc", "application/grpc-web+proto"] {
        let app = App::start(Carrier::Header, Policy::api()).await;
        let client = app.client_of("ada").await;
        let token = client.token.clone().unwrap();
        let mut client = app.client().await;
        for (tokens, user, status) in [
            (vec!["x"], None, "5"),
            (vec!["x", "x"], None, "16"),
            (vec![&*token], Some("bob"), "16"),
        ] {
            let mut request = client.request(Method::POST, "/whose");
            request = request.header("content-type", content_type);
            for token in tokens {
                request = request.header("x-session-id", token);
            }
            if let Some(user) = user {
                request = request.header("x-test-user", user);
            }
            let reply = client.send(request).await;
            assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""));
            assert_eq!(reply.header("grpc-status"), Some(status));
            assert!(content_type.starts_with(reply.header("content-type").unwrap()));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
    }
}

#[tokio::test]
async fn a_head_request_is_refused_without_a_body() {
    let app = App::start(Carrier::Header, Policy::api()).await;
    let mut client = app.client().await.with("x");
    let request = client.request(Method::HEAD, "/whose");
    let reply = client.send(request).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::NOT_FOUND, ""));
    // The connection is as usable as before.
    assert_eq!(client.get("/whose").await.status, StatusCode::NOT_FOUND);
}
