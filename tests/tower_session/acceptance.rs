//! The life of a session from the first visit to the logout, on every transport.

use crate::support::App;
use crate::support::Carrier;
use http::StatusCode;
use request_context::session::SessionToken;
use request_context::tower::session::Policy;

#[tokio::test]
async fn a_session_from_the_first_visit_to_the_logout() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::api()).await;
        let mut client = app.client().await;

        // An anonymous visit makes nothing.
        let visit = client.get("/read").await;
        assert_eq!((visit.status, visit.body.as_str()), (StatusCode::OK, "none"), "{carrier:?}");
        visit.assert_tells_nothing();
        assert!(app.store.memory.is_empty());

        // The first write makes a session; the next one finds it.
        let first = client.post("/write/a").await;
        assert_eq!(first.body, "a");
        assert_eq!(first.header("cache-control"), Some("no-store"));
        let anonymous = client.token.clone().unwrap();
        assert_eq!(client.ask("/read").await, "a");
        let second = client.post("/write/b").await;
        assert_eq!(second.body, "ab");
        second.assert_is_private();
        assert_eq!(client.token.as_ref(), Some(&anonymous));

        // The login gives another one, empty, in the place of it.
        let login = client.post("/login/ada").await;
        assert_eq!(login.header("cache-control"), Some("no-store"));
        let token = client.token.clone().unwrap();
        assert_ne!(token, anonymous);
        let id = SessionToken::parse(&token).unwrap().session_id();
        assert_eq!(login.body, format!("ada {id}"));
        assert_eq!(client.ask("/whose").await, format!("ada {id}"));
        assert_eq!(client.ask("/read").await, "none");
        assert_eq!(client.ask("/write/c").await, "c");
        assert_eq!(app.store.memory.len(), 1);

        // The old one is dead, and stays so whoever writes.
        let mut old = client.again().await;
        for path in ["/read", "/write/x", "/append/x", "/rotate", "/login/eve", "/logout"] {
            old.token = Some(anonymous.clone());
            assert_eq!(old.post(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(app.store.memory.len(), 1);

        // A rotation keeps what it holds, under a new token.
        assert_eq!(client.ask("/append/1").await, "0");
        client.ask("/rotate").await;
        let rotated = client.token.clone().unwrap();
        assert_ne!(rotated, token);
        assert_eq!(client.ask("/read").await, "c");
        assert_eq!(client.ask("/history").await, "1");
        assert_eq!(old.with(&token).get("/read").await.status, StatusCode::NOT_FOUND);

        // The logout is final.
        assert_eq!(client.ask("/logout").await, "bye");
        assert!(app.store.memory.is_empty());
        let mut late = client.again().await.with(&rotated);
        assert_eq!(late.post("/write/x").await.status, StatusCode::NOT_FOUND);
        assert!(app.store.memory.is_empty());
    }
}

#[tokio::test]
async fn a_request_costs_one_round_trip_and_each_write_one_more() {
    let app = App::browser().await;
    let mut client = app.client().await;
    client.ask("/read").await;
    assert_eq!(app.store.asked(), 0, "without a token nothing is asked");
    client.ask("/write/a").await;
    assert_eq!(app.store.asked(), 2, "one made, one written");
    for (path, trips) in [
        ("/whose", 1),
        ("/read", 1),
        ("/write/b", 2),
        ("/append/1", 2),
        ("/history", 2),
        ("/rotate", 2),
        ("/login/ada", 2),
        ("/logout", 2),
    ] {
        client.ask(path).await;
        assert_eq!(app.store.asked(), trips, "{path}");
    }
    client.ask("/read").await;
    assert_eq!(app.store.asked(), 0, "the cookie is removed");
}

#[tokio::test]
async fn a_use_keeps_a_session_up_to_its_absolute_end() {
    let app = App::start(Carrier::Header, Policy::api()).await;
    let mut client = app.client().await;
    client.ask("/write/a").await;
    let timeouts = app.sessions.timeouts();
    let nearly = timeouts.idle() * 9 / 10;
    let mut passed = std::time::Duration::ZERO;
    while passed + nearly < timeouts.absolute() {
        crate::support::pass(nearly).await;
        passed += nearly;
        // Nothing but the arrival of the request is a use.
        client.ask("/whose").await;
    }
    crate::support::pass(timeouts.absolute() - passed).await;
    assert_eq!(client.get("/whose").await.status, StatusCode::NOT_FOUND);
}
