//! Handlers that panic: what they have written stands, and the session goes on.

use crate::support::App;
use http::Method;

#[tokio::test]
async fn a_change_that_panics_changes_nothing_and_the_session_goes_on() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    client.ask("/write/a").await;
    let mut other = client.again().await;
    let request = other.request(Method::POST, "/panic-in-update");
    assert!(other.try_begin(request).await.is_err(), "the connection is gone with the panic");
    assert_eq!(client.ask("/read").await, "a");
    assert_eq!(client.ask("/write/b").await, "ab", "nobody waits for the one that panicked");
}

#[tokio::test]
async fn what_a_handler_has_written_before_it_panicked_stands() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let mut other = client.again().await;
    let request = other.request(Method::POST, "/write-and-panic");
    assert!(other.try_begin(request).await.is_err());
    assert_eq!(client.ask("/read").await, "w");
}

#[tokio::test]
async fn a_session_whose_token_a_panic_has_kept_from_the_client_ends_with_its_idle_time() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let request = client.request(Method::POST, "/write-and-panic");
    assert!(client.try_begin(request).await.is_err());
    assert_eq!(app.store.memory.len(), 1);
    crate::support::outlast(&app.sessions).await;
    app.sessions.prune().await.unwrap();
    assert!(app.store.memory.is_empty());
}
