//! For whom a request is, by its session: in the context, on the span, in the hook at the end.

use crate::support::App;
use crate::support::Carrier;
use crate::support::Client;
use crate::support::all;
use crate::support::logged;
use http::Method;
use http::StatusCode;
use request_context::tower::session::Policy;

#[tokio::test]
async fn two_users_on_one_connection_do_not_mix() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::api()).await;
        let mut one = app.client_of("ada").await;
        one.ask("/write/adas").await;
        let ada = one.token.clone().unwrap();
        one.token = None;
        one.ask("/login/bob").await;
        one.ask("/write/bobs").await;
        let bob = one.token.clone().unwrap();
        for _ in 0..5 {
            for (token, user, note) in [(&ada, "ada", "adas"), (&bob, "bob", "bobs")] {
                one.token = Some(token.clone());
                assert!(one.ask("/whose").await.starts_with(user));
                assert_eq!(one.ask("/read").await, note);
            }
            one.token = None;
            assert_eq!(one.ask("/whose").await, "nobody -");
            assert_eq!(one.ask("/read").await, "none");
        }
    }
}

#[tokio::test]
async fn span_log_lines_and_the_hook_at_the_end_have_user_and_session() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let whose = format!("ada {}", app.id(&client));
    client.ask("/whose").await;
    client.ask("/logout").await;
    client.ask("/whose").await;
    // The login itself, a request, the logout, and one of nobody.
    let expected = [whose.as_str(), &whose, &whose, "nobody -"];
    assert_eq!(*app.ends.lock().unwrap(), expected);
    assert_eq!(log.closed_requests(), [&whose, &whose, &whose, "- -"]);
    let lines = log.lines();
    let line = lines.iter().find(|line| line["fields"]["message"] == "logged out").unwrap();
    let of_line = format!("{} {}", line["user.id"], line["session.id"]).replace('"', "");
    assert_eq!(of_line, whose);
}

#[tokio::test]
async fn the_body_of_a_login_is_in_the_context_of_the_new_session() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let body = client.ask("/login-stream/bob").await;
    assert_eq!(body, format!("bob {} {}", app.id(&client), all("ok")));
}

#[tokio::test]
async fn an_anonymous_session_is_in_the_context_and_on_the_span() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    let mut client = app.client().await;
    client.ask("/write/a").await;
    let whose = format!("nobody {}", app.id(&client));
    assert_eq!(client.ask("/whose").await, whose);
    // From the write on that has begun it.
    assert_eq!(*app.ends.lock().unwrap(), [whose.as_str(), &whose]);
    let on_span = whose.replace("nobody", "-");
    assert_eq!(log.closed_requests(), [on_span.as_str(), &on_span]);
}

#[tokio::test]
async fn an_anonymous_session_that_is_rotated_is_a_new_one_for_body_span_and_hook() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    let mut client = app.client().await;
    client.ask("/write/a").await;
    let before = app.id(&client);
    let body = client.ask("/rotate-stream").await;
    let whose = format!("nobody {}", app.id(&client));
    assert_ne!(before, app.id(&client));
    assert_eq!(body, format!("{whose} {}", all("ok")));
    assert_eq!(app.ends.lock().unwrap()[1], whose);
    assert_eq!(log.closed_requests()[1], whose.replace("nobody", "-"));
}

#[tokio::test]
async fn body_span_and_hook_know_the_session_that_the_first_write_has_begun() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    for user in ["nobody", "bob"] {
        let mut client = app.client().await;
        let mut request = client.request(Method::POST, "/write-stream");
        if user != "nobody" {
            request = request.header("x-test-user", user);
        }
        let body = client.send(request).await.body;
        let whose = format!("{user} {}", app.id(&client));
        assert_eq!(body, format!("{whose} {}", all("ok")));
        assert_eq!(app.ends.lock().unwrap().last().unwrap(), &whose);
        assert_eq!(log.closed_requests().last().unwrap(), &whose.replace("nobody", "-"));
    }
}

#[tokio::test]
async fn the_handler_that_begins_a_session_keeps_its_context_and_asks_for_the_one_with_it() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let said = client.ask("/begin").await;
    assert_eq!(said, format!("nobody - / nobody {} {}", app.id(&client), all("ok")));
}

#[tokio::test]
async fn another_users_session_is_never_shown() {
    let (log, _guard) = logged();
    let app = App::start(Carrier::Cookie, Policy::api()).await;
    let mut client = app.client_of("ada").await;
    let request = client.request(Method::POST, "/write/x").header("x-test-user", "bob");
    let reply = client.send(request).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.header("set-cookie"), None);
    assert!(!reply.body.contains("ada") && !reply.body.contains(app.id(&client).as_str()));
    assert_eq!(client.ask("/read").await, "none");
    let request = client.request(Method::POST, "/whose").header("x-test-user", "ada");
    assert_eq!(client.send(request).await.body, format!("ada {}", app.id(&client)));
    assert_eq!(log.messages("WARN").len(), 1);
}

#[tokio::test]
async fn in_the_browser_of_another_user_who_is_authenticated_has_a_fresh_session() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    client.ask("/write/adas").await;
    let adas = client.token.clone();
    let as_bob =
        |client: &Client, path| client.request(Method::POST, path).header("x-test-user", "bob");
    let reply = client.send(as_bob(&client, "/read")).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "none"));
    reply.assert_tells_nothing();
    assert_eq!(client.send(as_bob(&client, "/whose")).await.body, "bob -");
    assert!(log.messages("WARN")[0].contains("somebody else"), "{:?}", log.messages("WARN"));

    let reply = client.send(as_bob(&client, "/write/bobs")).await;
    assert_eq!(reply.body, "bobs");
    assert_ne!(client.token, adas, "the first write has replaced the cookie");
    assert_eq!(client.ask("/whose").await, format!("bob {}", app.id(&client)));
    assert_eq!(client.ask("/read").await, "bobs");
    // It was never bob's, and is ada's as before.
    let mut other = client.again().await;
    other.token = adas;
    assert_eq!(other.ask("/read").await, "adas");
}

#[tokio::test]
async fn an_api_is_told_that_a_session_of_nobody_is_not_that_of_an_authenticated_user() {
    let app = App::start(Carrier::Cookie, Policy::api()).await;
    let mut client = app.client().await;
    client.ask("/write/a").await;
    let request = client.request(Method::POST, "/read").header("x-test-user", "bob");
    let reply = client.send(request).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.body.contains(r#""session_rejected""#), "{}", reply.body);
    assert!(reply.body.contains("without its token"), "{}", reply.body);
    assert_eq!(client.ask("/read").await, "a", "the session is as good as before");
}

#[tokio::test]
async fn in_a_browser_an_authenticated_user_has_a_fresh_session_beside_one_of_nobody() {
    let app = App::browser().await;
    let mut client = app.client().await;
    client.ask("/write/anonymous").await;
    let anonymous = client.token.clone();
    let as_bob =
        |client: &Client, path| client.request(Method::POST, path).header("x-test-user", "bob");
    let reply = client.send(as_bob(&client, "/read")).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "none"));
    reply.assert_tells_nothing();
    assert_eq!(client.send(as_bob(&client, "/whose")).await.body, "bob -");

    let reply = client.send(as_bob(&client, "/write/bobs")).await;
    assert_eq!(reply.body, "bobs");
    assert_ne!(client.token, anonymous, "the first write has renewed the cookie");
    assert_eq!(client.send(as_bob(&client, "/read")).await.body, "bobs");
    assert_eq!(client.ask("/whose").await, format!("bob {}", app.id(&client)));
    // It was never bob's.
    let mut other = client.again().await;
    other.token = anonymous;
    assert_eq!(other.ask("/read").await, "anonymous");
}

#[tokio::test]
async fn the_first_write_of_an_authenticated_user_makes_a_session_of_that_user() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let request = client.request(Method::POST, "/write/a").header("x-test-user", "bob");
    assert_eq!(client.send(request).await.body, "a");
    // The session alone says now who it is.
    assert_eq!(client.ask("/whose").await, format!("bob {}", app.id(&client)));
}

#[tokio::test]
async fn a_session_of_nobody_that_is_begun_after_a_sign_in_is_not_shown_as_the_users() {
    let app = App::browser().await;
    let mut client = app.client().await;
    assert_eq!(client.ask("/sign-in-and-begin").await, "eve -");
    assert_eq!(*app.ends.lock().unwrap(), ["eve -"]);
    assert_eq!(client.ask("/whose").await, format!("nobody {}", app.id(&client)));
}
