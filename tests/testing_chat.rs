//! The chat example under the leak test: the naive server fails, the real one passes.

#[path = "../examples/chat/agent.rs"]
mod agent;
#[path = "../examples/chat/conversation.rs"]
mod conversation;
#[path = "../examples/chat/naive.rs"]
mod naive;
#[path = "../examples/chat/protocol.rs"]
mod protocol;
#[path = "../examples/chat/responder.rs"]
mod responder;
#[path = "../examples/chat/server.rs"]
mod server;

use axum::Router;
use request_context::session::MemoryStore;
use request_context::session::Sessions;
use request_context::testing::LeakTest;
use request_context::testing::Sink;
use request_context::testing::TestRequest;
use request_context::testing::Visitor;

fn in_context() -> Router {
    server::router(Sessions::new(MemoryStore::default()))
}

fn say(what: &str) -> TestRequest {
    TestRequest::post("/chat").json(format!(r#"{{"message": "{what}"}}"#))
}

fn introduce_and_ask(visitor: &Visitor, request: usize) -> TestRequest {
    match request % 2 {
        0 => say(&format!("My name is {}", visitor.canary("name"))),
        _ => say("What is my name?"),
    }
}

fn visited(app: fn() -> Router) -> LeakTest {
    LeakTest::new(app)
        .login(|visitor| {
            let user = visitor.canary("user");
            TestRequest::post("/login").json(format!(r#"{{"user": "{user}"}}"#))
        })
        .request(|visitor, request, _| introduce_and_ask(visitor, request))
}

#[tokio::test]
async fn the_naive_server_fails_with_a_story_of_two_sessions() {
    let report = visited(naive::router).run().await;
    assert!(!report.is_isolated());
    let story = report.story.unwrap();
    assert_eq!(story.sessions.len(), 2, "{story:#?}");
    let sighting = story.sighting;
    assert_ne!(Some(sighting.owner), sighting.seer);
}

#[tokio::test]
async fn the_real_server_passes() {
    let report = visited(in_context).seeds(0..60).expect_own(Sink::Chunk).run().await;
    assert!(report.is_isolated(), "{report:#?}");
    assert_eq!(report.notes, Vec::<String>::new());
}

#[tokio::test]
async fn the_real_server_passes_also_with_clients_that_go_away() {
    let test = visited(in_context).seeds(0..60).cancel(0.3).panic_at(0.1).timeout_jitter(0.1);
    let report = test.run().await;
    assert!(report.is_isolated(), "{report:#?}");
}
