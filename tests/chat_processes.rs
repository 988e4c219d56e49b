//! The chat example as several processes: with `REDIS_URL` they share their sessions.

#![expect(clippy::disallowed_methods, reason = "what the tests start is no work of a request")]

#[path = "../examples/chat/agent.rs"]
mod agent;
#[path = "../examples/chat/conversation.rs"]
mod conversation;
#[path = "../examples/chat/protocol.rs"]
mod protocol;
#[expect(dead_code, reason = "nothing more is asked of the server than to be there")]
#[path = "session_redis/support/server.rs"]
mod redis_server;
#[path = "../examples/chat/responder.rs"]
mod responder;
#[path = "../examples/chat/server.rs"]
mod server;
#[path = "../examples/chat/sessions.rs"]
mod sessions;

use crate::protocol::SESSION_HEADER;
use bytes::Bytes;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use redis_server::Server as Redis;
use request_context::session::SessionToken;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Lines;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

const IS_CHAT: &str = "IS_CHAT_PROCESS";

/// What each process does, until its standard input ends; nothing when it is run as a test of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_process() {
    if std::env::var_os(IS_CHAT).is_none() {
        return;
    }
    let router = server::router(sessions::open().await.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nlistens: {}", listener.local_addr().unwrap());
    let parent_is_gone = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served.unwrap(),
        _ = parent_is_gone => {}
    }
}

/// A process of the chat; it ends with this.
struct Chat {
    child: Child,
    address: SocketAddr,
    /// Open as long as the process may say something.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Chat {
    fn start(redis_url: Option<&str>) -> Self {
        Self::try_start(redis_url).expect("the chat listens")
    }

    /// None if it ends without having listened.
    fn try_start(redis_url: Option<&str>) -> Option<Self> {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "a_chat_process", "--nocapture"]).env(IS_CHAT, "1");
        match redis_url {
            Some(url) => command.env("REDIS_URL", url),
            None => command.env_remove("REDIS_URL"),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, address) = line.split_once("listens: ")?;
            Some(address.parse().unwrap())
        });
        let Some(address) = address else {
            assert!(!child.wait().unwrap().success());
            return None;
        };
        Some(Self { child, address, _said: said })
    }

    async fn post(&self, path: &str, token: &str, body: serde_json::Value) -> Response<Incoming> {
        let socket = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::post(path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json");
        let request =
            if token.is_empty() { request } else { request.header(SESSION_HEADER, token) };
        sender
            .send_request(request.body(Full::<Bytes>::from(body.to_string())).unwrap())
            .await
            .unwrap()
    }

    /// The token of a new session.
    async fn log_in(&self, user: &str) -> String {
        let response = self.post("/login", "", serde_json::json!({ "user": user })).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.headers()[SESSION_HEADER].to_str().unwrap().to_owned()
    }

    async fn log_out(&self, token: &str) {
        let response = self.post("/logout", token, serde_json::Value::Null).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }

    async fn say(&self, token: &str, message: &str) -> (StatusCode, String) {
        let response = self.post("/chat", token, serde_json::json!({ "message": message })).await;
        (response.status(), text(response).await)
    }

    /// The reply to somebody who has a session.
    async fn reply(&self, token: &str, message: &str) -> String {
        let (status, reply) = self.say(token, message).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        reply
    }

    async fn has_session(&self, token: &str) -> bool {
        match self.say(token, "What is my name?").await {
            (StatusCode::OK, _) => true,
            (StatusCode::NOT_FOUND, body) => {
                assert!(body.starts_with(r#"{"error":"session_not_found""#), "{body}");
                false
            }
            (status, body) => panic!("{status} {body}"),
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn two_chat_processes_on_one_redis_share_sessions_conversations_and_logouts() {
    let redis = Redis::start();
    let (one, two) = (Chat::start(Some(&redis.url())), Chat::start(Some(&redis.url())));
    let (ada, ben) = (one.log_in("ada").await, two.log_in("ben").await);
    one.reply(&ada, "My name is Ada").await;
    // Each asks where the other one has logged in.
    assert_eq!(two.reply(&ada, "What is my name?").await, "Your name is Ada.\n");
    assert!(one.reply(&ben, "What is my name?").await.starts_with("I do not know yet"));
    let said = one.reply(&ada, "What did you say?").await;
    assert!(said.starts_with("I said: Your name is Ada."), "in the other process: {said}");

    two.log_out(&ada).await;
    for chat in [&one, &two] {
        assert!(!chat.has_session(&ada).await);
        assert!(chat.has_session(&ben).await, "the session of another user goes on");
    }
    // What begins later begins empty, and nobody's processes take a session with them.
    let again = two.log_in("ada").await;
    assert!(one.reply(&again, "What is my name?").await.starts_with("I do not know yet"));
    two.reply(&ben, "My name is Ben").await;
    drop((one, two));
    let three = Chat::start(Some(&redis.url()));
    assert_eq!(three.reply(&ben, "What is my name?").await, "Your name is Ben.\n");
}

#[tokio::test]
async fn a_reply_under_way_in_one_process_brings_nothing_back_after_a_logout_in_another() {
    let redis = Redis::start();
    let (one, two) = (Chat::start(Some(&redis.url())), Chat::start(Some(&redis.url())));
    for _ in 0..10 {
        let ada = one.log_in("ada").await;
        let message = serde_json::json!({ "message": "My name is Ada" });
        // The head is there; the last of its words will be remembered, or be too late.
        let speaking = one.post("/chat", &ada, message).await;
        two.log_out(&ada).await;
        assert!(text(speaking).await.starts_with("Nice to meet you, Ada."));
        assert!(!one.has_session(&ada).await && !two.has_session(&ada).await);
    }
}

#[tokio::test]
async fn the_server_is_told_what_sessions_are_called_and_no_token() {
    let redis = Redis::start();
    let mut monitor = std::net::TcpStream::connect(redis.address()).unwrap();
    monitor.write_all(b"MONITOR\r\n").unwrap();
    let chat = Chat::start(Some(&redis.url()));
    let tokens = [chat.log_in("ada").await, chat.log_in("ben").await];
    for token in &tokens {
        chat.reply(token, "My name is unforgettable").await;
    }
    chat.log_out(&tokens[0]).await;
    redis.run(&["ECHO", "that was it"]);
    let lines = BufReader::new(monitor).lines().map(Result::unwrap);
    let told = lines.take_while(|line| !line.contains("that was it")).collect::<String>();
    assert!(told.contains("unforgettable"), "all of it is seen");
    for token in &tokens {
        let id = SessionToken::parse(token).unwrap().session_id();
        assert!(told.contains(id.as_str()));
        assert!(!told.contains(token));
    }
}

#[tokio::test]
async fn without_redis_each_process_has_sessions_of_its_own() {
    let (one, two) = (Chat::start(None), Chat::start(None));
    let ada = one.log_in("ada").await;
    assert!(one.has_session(&ada).await);
    assert!(!two.has_session(&ada).await);
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_no_reason_to_keep_sessions_in_memory() {
    let nowhere = format!("redis://127.0.0.1:{}", redis_server::free_port());
    for url in [&*nowhere, "", "no-url"] {
        assert!(Chat::try_start(Some(url)).is_none(), "{url}");
    }
}
