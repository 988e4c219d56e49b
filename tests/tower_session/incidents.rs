//! What other session libraries were measured to get wrong, over HTTP.

use crate::support::App;
use crate::support::Carrier;
use crate::support::all;
use crate::support::start;
use http::StatusCode;
use request_context::tower::session::Policy;
use std::collections::BTreeSet;

#[tokio::test]
async fn who_logs_in_on_the_browser_of_another_user_starts_empty_with_a_new_token() {
    let app = App::browser().await;
    let mut browser = app.client_of("ada").await;
    browser.ask("/write/adas-diagnosis").await;
    browser.ask("/append/adas-line").await;
    let adas = browser.token.clone().unwrap();
    assert!(browser.ask("/login/bob").await.starts_with("bob "));
    assert_ne!(browser.token.as_ref(), Some(&adas));
    assert_eq!(browser.ask("/read").await, "none");
    assert_eq!(browser.ask("/history").await, "");
    assert_eq!(browser.with(&adas).ask("/whose").await, "nobody -");
}

#[tokio::test]
async fn who_logs_in_again_keeps_the_data_under_a_new_token() {
    let app = App::browser().await;
    let mut browser = app.client_of("ada").await;
    browser.ask("/write/note").await;
    let before = browser.token.clone();
    browser.ask("/login/ada").await;
    assert_ne!(browser.token, before);
    assert_eq!(browser.ask("/read").await, "note");
}

#[tokio::test]
async fn after_a_logout_a_request_in_flight_does_not_make_the_old_token_good_again() {
    let app = App::start(Carrier::Header, Policy::api()).await;
    let mut client = app.client_of("ada").await;
    let token = client.token.clone().unwrap();
    let mut slow = client.again().await;
    let slow = start(async move { slow.get("/slow").await.body });
    app.gate.arrived(1).await;
    client.ask("/logout").await;
    app.gate.open(1);
    assert_eq!(slow.await.unwrap(), all("revoked"));
    assert_eq!(client.with(&token).get("/whose").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_streaming_body_writes_is_kept() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    app.gate.open(2);
    let said = client.ask("/stream").await;
    assert!(said.ends_with(&all("ok")), "{said}");
    assert_eq!(client.ask("/history").await, "late,late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_50_appends_and_50_updates_at_once_none_is_lost() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let mut sent = Vec::new();
    for number in 0..50 {
        let (mut append, mut update) = (client.again().await, client.again().await);
        sent.push(start(async move { drop(append.ask(&format!("/append/{number}")).await) }));
        sent.push(start(async move { drop(update.ask("/write/x").await) }));
    }
    for sent in sent {
        sent.await.unwrap();
    }
    assert_eq!(client.ask("/read").await, "x".repeat(50));
    let history = client.ask("/history").await;
    let items: BTreeSet<_> = history.split(',').collect();
    assert_eq!((items.len(), history.split(',').count()), (50, 50));
}
