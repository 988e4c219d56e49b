//! Which pages may open a WebSocket with the cookie.

use crate::support::App;
use crate::support::Carrier;
use crate::support::logged;
use http::Method;
use http::StatusCode;
use request_context::tower::session::Policy;
use request_context::tower::session::Transport;

/// The status of a handshake from pages of these origins, at this host.
async fn shake(app: &App, carrier: Carrier, origins: &[&str], host: &str) -> StatusCode {
    let mut client = app.client_of("ada").await;
    let token = client.token.take().unwrap();
    let mut request = client.request(Method::GET, "/socket");
    request.headers_mut().unwrap().insert("host", host.parse().unwrap());
    request = carrier
        .put(&token, request)
        .header("connection", "upgrade")
        .header("upgrade", "h2c, WebSocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "6D69KGBOr4Re+Nj6zx9aQA==");
    for origin in origins {
        request = request.header("origin", *origin);
    }
    client.begin(request).await.status()
}

/// axum's own upgrade is not what is asked for here: that the layer lets the request in.
fn is_in(status: StatusCode) -> bool {
    match status {
        StatusCode::FORBIDDEN => false,
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::BAD_REQUEST => true,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn only_a_page_of_the_same_origin_may_open_a_socket_with_the_cookie() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    for (origins, host, may) in [
        (&["https://example.com"][..], "example.com", true),
        (&["https://example.com"], "EXAMPLE.com:443", true),
        (&["https://example.com:8443"], "example.com:8443", true),
        (&["http://example.com"], "example.com", false),
        (&["https://example.com:8443"], "example.com", false),
        (&["https://evil.example"], "example.com", false),
        (&["https://example.com.evil.example"], "example.com", false),
        (&["https://sub.example.com"], "example.com", false),
        (&["null"], "example.com", false),
        (&[""], "example.com", false),
        (&[], "example.com", false),
        (&["https://example.com", "https://example.com"], "example.com", false),
    ] {
        assert_eq!(is_in(shake(&app, Carrier::Cookie, origins, host).await), may, "{origins:?}");
    }
    let warnings = log.messages("WARN");
    assert!(warnings[0].contains("SessionCookie::allowed_origins"), "{warnings:?}");
}

#[tokio::test]
async fn other_origins_may_be_allowed() {
    let cookie = Transport::cookie().allowed_origins(["https://www.example.com".parse().unwrap()]);
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    for (origin, may) in [
        ("https://www.example.com", true),
        ("https://api.internal", true),
        ("http://www.example.com", false),
        ("https://example.com", false),
    ] {
        let status = shake(&app, Carrier::Cookie, &[origin], "api.internal").await;
        assert_eq!(is_in(status), may, "{origin}");
    }
}

#[tokio::test]
async fn on_localhost_plain_http_is_the_same_origin_if_it_is_asked_for() {
    let cookie = Transport::cookie().insecure_on_localhost();
    let app = App::start_on(Carrier::Cookie, cookie, Policy::browser()).await;
    let mut client = app.client().await;
    let mut request = client.request(Method::POST, "/login/ada");
    request.headers_mut().unwrap().insert("host", "localhost:3000".parse().unwrap());
    client.send(request).await;
    let token = client.token.take().unwrap();
    for (origin, may) in [("http://localhost:3000", true), ("http://localhost:4000", false)] {
        let mut client = client.again().await;
        let mut request = client.request(Method::GET, "/socket");
        request.headers_mut().unwrap().insert("host", "localhost:3000".parse().unwrap());
        request = request.header("upgrade", "websocket").header("origin", origin);
        let request = request.header("cookie", format!("id={token}"));
        assert_eq!(is_in(client.begin(request).await.status()), may, "{origin}");
    }
}

#[tokio::test]
async fn where_no_browser_sends_the_token_by_itself_the_origin_does_not_matter() {
    for carrier in [Carrier::Header, Carrier::Bearer] {
        let app = App::start(carrier, Policy::api()).await;
        for origins in [&[][..], &["https://evil.example"]] {
            assert!(is_in(shake(&app, carrier, origins, "example.com").await));
        }
    }
    // Nor does it for a socket without a session.
    let app = App::browser().await;
    let mut client = app.client().await;
    let request = client.request(Method::GET, "/socket").header("upgrade", "websocket");
    let request = request.header("origin", "https://evil.example");
    assert!(is_in(client.begin(request).await.status()));
}
