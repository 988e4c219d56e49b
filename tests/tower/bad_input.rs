//! Hostile bytes in every header that the layer reads: the server keeps answering, and nothing gets
//! into a response or a line of the log that does not belong there.

use crate::support::Client;
use crate::support::Http;
use crate::support::Logged;
use crate::support::Raw;
use crate::support::Server;
use crate::support::by_token;
use crate::support::get;
use crate::support::here;
use crate::support::logged;
use crate::support::text_of;
use crate::support::whose;
use axum::Router;
use http::HeaderValue;
use request_context::tower::RequestContextLayer;
use tower::Layer;

const READ_HEADERS: &[&str] =
    &["x-request-id", "authorization", "content-type", "traceparent", "tracestate"];

async fn serve(http: Http) -> Server {
    let handler = || async {
        tracing::info!(user = whose(), "handled");
        format!("{} {}", whose(), here())
    };
    let app = Router::new().fallback(handler);
    let layer = RequestContextLayer::new().trust_request_id(|_| true).trust_trace_parent(|_| true);
    Server::start(http, layer.authenticate(by_token).layer(app)).await
}

/// Another client is answered, for whom it is.
async fn assert_still_answers(server: &Server) {
    let response = Raw::get(server.address, "/", &[b"authorization: Bearer bob"]).await;
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    assert!(response.contains("\r\n\r\nbob "), "{response}");
}

/// The response is whole, has one legal ID, and nothing that was injected.
#[track_caller]
fn assert_sane(response: &str, what: &str) {
    let (head, body) =
        response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{what}: {response:?}"));
    let status = &head["HTTP/1.1 ".len()..][..3];
    assert!(["200", "400", "401", "431"].contains(&status), "{what}: {head:?}");
    assert!(!response.contains("injected"), "{what}: {response:?}");
    assert!(!head.contains('\x1b') && !head.replace("\r\n", "").contains(['\r', '\n']), "{head:?}");
    // What hyper itself refuses never came to the layer.
    if matches!(status, "400" | "431") {
        return;
    }
    let ids: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("x-request-id: ")).collect();
    assert_eq!(ids.len(), 1, "{what}: {head:?}");
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!((1..=128).contains(&ids[0].len()) && ids[0].chars().all(is_legal), "{what}: {head:?}");
    let is_grpc = head.contains("grpc-status: 16");
    match (status, is_grpc) {
        ("401", _) | ("200", true) => assert_eq!(body, "", "{what}"),
        _ => assert!(
            body == format!("nobody {}", ids[0]) || body == format!("ada {}", ids[0]),
            "{what}: {body:?}"
        ),
    }
}

/// Each event is one line of JSON, whose top level nobody forged.
#[track_caller]
fn assert_log_is_sane(logged: &Logged) {
    for line in logged.lines() {
        let text = line.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert_eq!(line["fields"]["message"], "handled");
        let user = line.get("user.id").map_or("nobody", |user| user.as_str().unwrap());
        assert_eq!(line["fields"]["user"], user);
        assert!(["nobody", "ada", "bob"].contains(&user), "{text}");
    }
}

#[tokio::test]
async fn over_http_1_whatever_bytes_are_in_a_header_that_is_read() {
    let (logged, _guard) = logged();
    let server = serve(Http::One).await;
    let values: &[&[u8]] = &[
        b"",
        b"\x00",
        b"a\x00b",
        b"\x1b[2J\x1b[31minjected",
        b"a\rinjected: 1",
        b"a\r\n injected: 1",
        b"a\r\n\tinjected: 1",
        b"a\x0binjected",
        b"a\x7f",
        b"a\x08\x08",
        b"\xff\xfe",
        b"\xc3\xa9",
        b"\xe2\x80\xaeinjected",
        b"\x9b31minjected",
        b"a%0d%0ainjected: 1",
        b"a\\r\\ninjected",
        b"\"},{\"user.id\":\"injected",
        b"Bearer \xff",
        b"Bearer a\"b",
        b"Bearer injected,injected",
        b"application/grpc\xff",
        b"application/grpc; injected=\"",
    ];
    for header in READ_HEADERS {
        for value in values {
            let line = [header.as_bytes(), b": ", value].concat();
            let response = Raw::get(server.address, "/", &[&line]).await;
            assert_sane(&response, &String::from_utf8_lossy(&line));
        }
    }
    assert_still_answers(&server).await;
    assert_log_is_sane(&logged);
}

/// A bare line feed ends a header for hyper: what follows is another header, of the client's own
/// request, and none of the response.
#[tokio::test]
async fn over_http_1_a_line_break_in_a_header_adds_nothing_to_the_response() {
    let (logged, _guard) = logged();
    let server = serve(Http::One).await;
    for header in READ_HEADERS {
        for line_break in ["\n", "\r\n", "\n\r\n"] {
            let line = format!("{header}: a{line_break}set-cookie: injected=1");
            let response = Raw::get(server.address, "/", &[line.as_bytes()]).await;
            assert_sane(&response, &line);
        }
    }
    assert_still_answers(&server).await;
    assert_log_is_sane(&logged);
}

#[tokio::test]
async fn over_http_1_a_header_of_100_kb_is_judged_and_one_of_1_mb_refused() {
    let server = serve(Http::One).await;
    for header in READ_HEADERS {
        for length in [129, 8 * 1024, 100 * 1024, 1024 * 1024] {
            let line = format!("{header}: {}", "x".repeat(length));
            let response = Raw::get(server.address, "/", &[line.as_bytes()]).await;
            if length < 1024 * 1024 {
                assert_sane(&response, header);
                assert!(!response.starts_with("HTTP/1.1 431 "), "hyper takes 400 kB in all");
            } else {
                // A server that closes before it has read it all may take its answer with it.
                assert!(response.is_empty() || response.starts_with("HTTP/1.1 431 "), "{response}");
            }
        }
    }
    let many: Vec<_> = (0..2000).map(|n| format!("x-request-id: {n}").into_bytes()).collect();
    let many: Vec<_> = many.iter().map(Vec::as_slice).collect();
    let response = Raw::get(server.address, "/", &many).await;
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 431 "), "{response}");
    assert_still_answers(&server).await;
}

#[tokio::test]
async fn over_http_2_whatever_is_in_a_header_that_is_read() {
    let (logged, _guard) = logged();
    let server = serve(Http::Two).await;
    let mut client = Client::connect(Http::Two, server.address).await;
    let huge = "x".repeat(10 * 1024);
    let values: &[&[u8]] = &[
        b"",
        b"a\tb",
        b"\xff\xfe",
        "\u{202e}injected".as_bytes(),
        b"\x9b31minjected",
        b"\"},{\"user.id\":\"injected",
        b"Bearer \xff",
        b"application/grpc\xff",
        huge.as_bytes(),
    ];
    for header in READ_HEADERS {
        for value in values {
            let mut request = get("/", "legal");
            request.headers_mut().insert(*header, HeaderValue::from_bytes(value).unwrap());
            let response = client.send(request).await;
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            assert_eq!(id == "legal", *header != "x-request-id", "{header}");
            let is_refused =
                response.status() == 401 || response.headers().contains_key("grpc-status");
            assert_eq!(is_refused, *header == "authorization", "{header}");
            let text = text_of(response.into_body()).await;
            assert_eq!(text, if is_refused { String::new() } else { format!("nobody {id}") });
        }
    }
    assert_log_is_sane(&logged);
}

#[tokio::test]
async fn over_http_2_a_header_of_100_kb_is_refused_by_hyper_and_others_are_served() {
    let server = serve(Http::Two).await;
    for header in READ_HEADERS {
        let mut client = Client::connect(Http::Two, server.address).await;
        let mut request = get("/", "legal");
        request.headers_mut().insert(*header, "x".repeat(100 * 1024).parse().unwrap());
        if let Ok(response) = client.try_send(request).await {
            assert_eq!(response.status(), 431, "{header}");
        }
        let mut other = Client::connect(Http::Two, server.address).await;
        let response = other.send(get("/", "r")).await;
        assert_eq!(text_of(response.into_body()).await, "nobody r");
    }
}

#[tokio::test]
async fn what_is_no_http_at_all_disturbs_no_one() {
    let server = serve(Http::One).await;
    let garbage: &[&[u8]] = &[
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\xff\xff\xff\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nx-request-id\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
    ];
    for bytes in garbage {
        let mut raw = Raw::connect(server.address).await;
        raw.write(bytes).await;
        drop(raw);
    }
    assert_still_answers(&server).await;
}
