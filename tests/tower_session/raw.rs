//! Bytes on a socket that no client library would write.

use crate::support::App;
use crate::support::Carrier;
use request_context::tower::session::Policy;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The statuses and bodies of all answers to `requests`, of which the last one closes.
async fn answers(app: &App, requests: &str) -> Vec<(String, String)> {
    let mut socket = TcpStream::connect(app.address).await.unwrap();
    socket.write_all(requests.as_bytes()).await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    let mut answers = Vec::new();
    let mut rest = text.as_str();
    while let Some((head, body)) = rest.split_once("\r\n\r\n") {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let (body, next) = body.split_at(length.map_or(0, |length| length.parse().unwrap()));
        answers.push((head.split(' ').nth(1).unwrap().to_owned(), body.to_owned()));
        rest = next;
    }
    answers
}

fn ok(whose: &str) -> (String, String) {
    ("200".to_owned(), whose.to_owned())
}

#[tokio::test]
async fn requests_that_are_sent_without_waiting_are_each_in_their_own_session() {
    for carrier in [Carrier::Header, Carrier::Cookie] {
        let app = App::start(carrier, Policy::browser()).await;
        let (ada, bob) = (app.client_of("ada").await, app.client_of("bob").await);
        let line = |token: &str| match carrier {
            Carrier::Cookie => format!("cookie: __Host-id={token}\r\n"),
            _ => format!("x-session-id: {token}\r\n"),
        };
        let [of_ada, of_bob] = [&ada, &bob].map(|client| line(client.token.as_deref().unwrap()));
        let lines =
            [&*of_ada, &of_bob, "", &line("dead"), &of_bob, &of_ada, "connection: close\r\n"];
        let requests = lines.map(|line| format!("GET /whose HTTP/1.1\r\nhost: a\r\n{line}\r\n"));
        let ada = ok(&format!("ada {}", app.id(&ada)));
        let bob = ok(&format!("bob {}", app.id(&bob)));
        let nobody = ok("nobody -");
        let expected = [&ada, &bob, &nobody, &nobody, &bob, &ada, &nobody].map(Clone::clone);
        assert_eq!(answers(&app, &requests.concat()).await, expected);
    }
}

#[tokio::test]
async fn a_token_counts_in_the_head_of_a_request_and_there_once() {
    let app = App::start(Carrier::Header, Policy::api()).await;
    let client = app.client_of("ada").await;
    let token = client.token.as_deref().unwrap();
    let close = "host: a\r\nconnection: close\r\n";
    let of = async |request: String| answers(&app, &request).await.swap_remove(0);

    // In a trailer it comes after the request has been let in as nobody's.
    let trailer = format!(
        "POST /whose HTTP/1.1\r\n{close}transfer-encoding: chunked\r\ntrailer: x-session-id\r\n\r\n\
         1\r\na\r\n0\r\nx-session-id: {token}\r\n\r\n"
    );
    assert_eq!(of(trailer).await, ok("nobody -"));
    // A name is the same in upper case.
    let twice = format!(
        "GET /whose HTTP/1.1\r\n{close}x-session-id: {token}\r\nX-SESSION-ID: {token}\r\n\r\n"
    );
    assert_eq!(of(twice).await.0, "401");
    // Joined by a proxy, two are none.
    let joined = format!("GET /whose HTTP/1.1\r\n{close}x-session-id: {token}, {token}\r\n\r\n");
    assert_eq!(of(joined).await.0, "404");
    let padded = format!("GET /whose HTTP/1.1\r\n{close}x-session-id: \t {token} \t\r\n\r\n");
    assert_eq!(of(padded).await, ok(&format!("ada {}", app.id(&client))));
}
