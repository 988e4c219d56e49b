//! What a browser is told, to the letter.

use crate::support::App;
use crate::support::Carrier;
use crate::support::TOLD_TO_KEEP;
use crate::support::logged;
use http::Method;
use http::StatusCode;
use request_context::session::SessionToken;
use request_context::tower::session::Policy;
use request_context::tower::session::SameSite;
use request_context::tower::session::Transport;

const REMOVED: &str = "__Host-id=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

#[tokio::test]
async fn a_new_session_sets_the_cookie_with_exactly_these_attributes() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let reply = client.post("/write/a").await;
    let token = client.token.clone().unwrap();
    assert_eq!(token.len(), SessionToken::TEXT_BYTES);
    let expected = format!("__Host-id={token}; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(reply.header("set-cookie"), Some(expected.as_str()));
    assert_eq!(reply.header("x-session-id"), None);
}

#[tokio::test]
async fn a_logout_removes_the_cookie_with_the_same_attributes() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let reply = client.post("/logout").await;
    assert_eq!(reply.header("set-cookie"), Some(REMOVED));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(client.get("/whose").await.body, "nobody -");
}

#[tokio::test]
async fn name_and_same_site_are_as_chosen() {
    let cookie = Transport::cookie().name("shop.1").same_site(SameSite::Strict);
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    let mut client = app.client().await;
    let reply = client.post("/write/a").await;
    let cookie = reply.header("set-cookie").unwrap();
    let (pair, attributes) = cookie.split_once(';').unwrap();
    assert_eq!(attributes, " Path=/; Secure; HttpOnly; SameSite=Strict");
    assert!(pair.starts_with("__Host-shop.1="), "{pair}");

    let request = client.request(Method::GET, "/read").header("cookie", pair);
    assert_eq!(client.send(request).await.body, "a");
    let request = client.request(Method::POST, "/logout").header("cookie", pair);
    let removed = client.send(request).await;
    let expected = "__Host-shop.1=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
    assert_eq!(removed.header("set-cookie"), Some(expected));
}

#[test]
fn a_name_that_no_cookie_may_have_is_refused_at_configuration() {
    for name in ["", "a b", "a=b", "a;b", "-a", "__Host-a", "ä", "a\n", &"a".repeat(65)] {
        let result = std::panic::catch_unwind(|| Transport::cookie().name(name));
        assert!(result.is_err(), "{name:?}");
    }
    let longest = "a".repeat(64);
    for name in ["a", "SID", "a.b_c-d", "1", &longest] {
        let _ = Transport::cookie().name(name);
    }
}

#[tokio::test]
async fn the_insecure_cookie_is_for_localhost_alone() {
    let cookie = Transport::cookie().insecure_on_localhost();
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    let mut client = app.client().await;
    for (host, is_local) in [
        ("localhost", true),
        ("LocalHost:3000", true),
        ("127.0.0.1:3000", true),
        ("[::1]:3000", true),
        ("example.com", false),
        ("localhost.example.com", false),
        ("127.0.0.1.example.com", false),
        ("user@localhost.evil", false),
        ("", false),
    ] {
        client.token = None;
        let mut request = client.request(Method::POST, "/write/a");
        request.headers_mut().unwrap().insert("host", host.parse().unwrap());
        let reply = client.send(request).await;
        let cookie = reply.header("set-cookie").unwrap();
        let (name, rest) = cookie.split_once('=').unwrap();
        let (token, attributes) = rest.split_once("; ").unwrap();
        let expected = if is_local {
            ("id", "Path=/; HttpOnly; SameSite=Lax")
        } else {
            ("__Host-id", "Path=/; Secure; HttpOnly; SameSite=Lax")
        };
        assert_eq!((name, attributes), expected, "{host}");

        // Each is read under its own name only.
        for (name, is_read) in [("id", is_local), ("__Host-id", !is_local)] {
            client.token = None;
            let mut request = client.request(Method::GET, "/read");
            let headers = request.headers_mut().unwrap();
            headers.insert("host", host.parse().unwrap());
            headers.insert("cookie", format!("{name}={token}").parse().unwrap());
            let read = client.send(request).await.body;
            assert_eq!(read, if is_read { "a" } else { "none" }, "{host} {name}");
        }
    }
}

#[tokio::test]
async fn without_the_word_localhost_has_the_secure_cookie_too() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let mut request = client.request(Method::POST, "/write/a");
    request.headers_mut().unwrap().insert("host", "localhost".parse().unwrap());
    let reply = client.send(request).await;
    assert!(reply.header("set-cookie").unwrap().contains("; Secure; "));
}

#[tokio::test]
async fn behind_a_proxy_on_the_same_host_the_cookie_is_secure() {
    let cookie = Transport::cookie().insecure_on_localhost();
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    let mut client = app.client().await;
    for (name, value, is_proxied) in [
        ("forwarded", "for=192.0.2.1;proto=https", true),
        ("x-forwarded-for", "192.0.2.1", true),
        ("x-forwarded-proto", "https", true),
        ("x-forwarded-host", "shop.example", true),
        ("x-forwarded-server", "", true),
        ("via", "1.1 proxy", true),
        ("x-real-ip", "192.0.2.1", true),
        ("x-forward", "1", false),
        ("viable", "1", false),
    ] {
        client.token = None;
        let mut request = client.request(Method::POST, "/write/a").header(name, value);
        request.headers_mut().unwrap().insert("host", "localhost:3000".parse().unwrap());
        let reply = client.send(request).await;
        assert_eq!(reply.header("set-cookie").unwrap().contains("; Secure;"), is_proxied, "{name}");
    }
}

#[tokio::test]
async fn the_insecure_cookie_is_warned_of_once() {
    let (log, _guard) = logged();
    let cookie = Transport::cookie().insecure_on_localhost();
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    let mut client = app.client().await;
    for (host, warnings) in [("example.com", 0), ("localhost", 1), ("localhost:3000", 1)] {
        let mut request = client.request(Method::GET, "/whose");
        request.headers_mut().unwrap().insert("host", host.parse().unwrap());
        client.send(request).await;
        let lines = log.messages("WARN");
        assert_eq!(lines.len(), warnings, "{host}");
        assert!(lines.iter().all(|line| line.contains("insecure_on_localhost")));
    }
}

#[tokio::test]
async fn a_dead_cookie_is_removed_and_never_adopted() {
    let app = App::browser().await;
    let mut client = app.client().await;
    let forged = SessionToken::new().unwrap().reveal(str::to_owned);
    for (token, path, body) in [
        (forged.as_str(), "/read", "none"),
        (forged.as_str(), "/remove", "false"),
        ("", "/read", "none"),
        ("x", "/read", "none"),
    ] {
        client.token = Some(token.to_owned());
        let reply = client.post(path).await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, body));
        assert_eq!(reply.header("set-cookie"), Some(REMOVED));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert!(app.store.memory.is_empty());

    client.token = Some(forged.clone());
    assert_eq!(client.ask("/write/a").await, "a");
    assert_ne!(client.token.as_ref(), Some(&forged));
    assert_eq!(client.ask("/read").await, "a");
    assert_eq!(client.with(&forged).get("/read").await.body, "none");
}

#[tokio::test]
async fn the_last_of_several_changes_is_told() {
    let app = App::browser().await;
    let mut client = app.client_of("ada").await;
    let before = client.token.clone();
    // A login again is another token, once.
    client.ask("/login/ada").await;
    assert_ne!(client.token, before);
    let after = client.token.clone();
    let reply = client.post("/read").await;
    reply.assert_is_private();
    assert_eq!(client.token, after);
}

#[tokio::test]
async fn what_the_handler_says_of_caching_stands_unless_a_token_is_told() {
    let app = App::browser().await;
    let mut client = app.client().await;
    assert_eq!(client.get("/cached").await.header("cache-control"), Some("max-age=60"));
    let mut client = client.with("dead");
    assert_eq!(client.get("/cached").await.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_is_of_one_session_no_cache_may_keep_for_all() {
    for carrier in Carrier::ALL {
        let app = App::start(carrier, Policy::api()).await;
        let mut stranger = app.client().await;
        stranger.get("/whose").await.assert_tells_nothing();
        stranger.ask("/write/a").await;
        stranger.get("/read").await.assert_is_private();
        let mut ada = app.client_of("ada").await;
        ada.get("/whose").await.assert_is_private();
        // The handler knows better.
        assert_eq!(ada.get("/cached").await.header("cache-control"), Some("max-age=60"));
    }
}

#[tokio::test]
async fn no_cache_of_any_kind_may_keep_a_response_that_tells_a_token() {
    for carrier in [Carrier::Cookie, Carrier::Header] {
        let app = App::start(carrier, Policy::browser()).await;
        let reply = app.client().await.get("/cached-login").await;
        assert!(reply.token().is_some());
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        for name in &TOLD_TO_KEEP[1..] {
            assert_eq!(reply.header(name), None, "{carrier:?}");
        }
    }
}

#[tokio::test]
async fn a_handlers_own_cookies_stand_and_the_sessions_is_the_last_of_its_name() {
    let app = App::browser().await;
    let reply = app.client().await.begin_and_end("/cookies").await;
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    let pairs: Vec<_> =
        cookies.iter().map(|it| it.to_str().unwrap().split(';').next().unwrap()).collect();
    assert_eq!(pairs[..3], ["a=1", "__Host-id=mine", "b=2"]);
    let token = pairs[3].strip_prefix("__Host-id=").unwrap();
    assert_eq!(app.client().await.with(token).ask("/read").await, "w");
    assert_eq!(pairs.len(), 4);
}

#[tokio::test]
async fn a_token_that_comes_by_another_way_is_none() {
    for (carrier, other) in [
        (Carrier::Cookie, Carrier::Header),
        (Carrier::Cookie, Carrier::Bearer),
        (Carrier::Header, Carrier::Cookie),
        (Carrier::Header, Carrier::Bearer),
        (Carrier::Bearer, Carrier::Header),
        (Carrier::Bearer, Carrier::Cookie),
    ] {
        let app = App::start(carrier, Policy::api()).await;
        let client = app.client_of("ada").await;
        let token = client.token.clone().unwrap();
        let mut stranger = app.client().await;
        let request = stranger.request(Method::GET, "/whose");
        let reply = stranger.send(other.put(&token, request)).await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "nobody -"));
        let query = format!("/whose?x-session-id={token}&__Host-id={token}");
        assert_eq!(stranger.get(&query).await.body, "nobody -");
    }
}
