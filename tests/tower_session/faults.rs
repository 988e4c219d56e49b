//! A store that does not answer, a layer that is missing: nothing passes, and the log says why.

use crate::support::App;
use crate::support::Carrier;
use crate::support::Client;
use crate::support::Gate;
use crate::support::logged;
use crate::support::routes;
use crate::support::serve;
use axum::Router;
use http::StatusCode;
use request_context::session::MemoryStore;
use request_context::session::Sessions;
use request_context::session::StoreError;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use tower::Layer;

const FAULTS: [fn() -> StoreError; 3] = [
    || StoreError::unavailable("connection refused"),
    || StoreError::in_doubt("no answer"),
    || StoreError::corrupt("another answer"),
];

#[tokio::test]
async fn without_the_stores_answer_nobody_gets_in_and_the_token_stays_good() {
    for policy in [Policy::api(), Policy::browser()] {
        for fault in FAULTS {
            let (log, _guard) = logged();
            let app = App::start(Carrier::Cookie, policy).await;
            let mut client = app.client_of("ada").await;
            let whose = client.ask("/whose").await;
            app.store.fail(Some(fault));
            let reply = client.get("/whose").await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(reply.body.starts_with(r#"{"error":"session_unavailable""#), "{}", reply.body);
            assert_eq!(reply.header("set-cookie"), None);
            assert_eq!(log.messages("ERROR"), ["the session of a request cannot be looked up"]);
            assert!(!reply.body.contains("answer") && !reply.body.contains("refused"));

            app.store.fail(None);
            assert_eq!(client.ask("/whose").await, whose);
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_within_the_request_is_answered_by_the_handler() {
    let (log, _guard) = logged();
    let app = App::browser().await;
    let mut client = app.client().await;
    app.store.fail(Some(FAULTS[0]));
    // Without a token nothing is asked of the store before the handler does.
    let reply = client.post("/write/a").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!(log.messages("ERROR"), [""; 0]);
}

#[tokio::test]
async fn without_the_outer_layer_all_is_500_and_the_log_names_it() {
    let (log, _guard) = logged();
    let sessions = Sessions::new(MemoryStore::default());
    let layer = SessionLayer::new(sessions, Transport::header(), Policy::api());
    let app = layer.layer(routes(Gate::default()));
    let address = serve(Router::new().fallback_service(app)).await;
    let mut client = Client::connect(address, Carrier::Header).await;
    for token in [None, Some("x".to_owned())] {
        client.token = token;
        let reply = client.get("/whose").await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    }
    let errors = log.messages("ERROR");
    assert_eq!(errors.len(), 2);
    assert!(errors[0].contains("`SessionLayer` found no `RequestContext`"), "{errors:?}");
    assert!(errors[0].contains("request_context::tower::RequestContextLayer"), "{errors:?}");
    let line = &log.lines()[0];
    assert_eq!(line["fields"]["url.path"], "/whose");
}

#[tokio::test]
async fn without_the_session_layer_the_extractor_is_500_and_the_log_names_it() {
    let (log, _guard) = logged();
    let app = RequestContextLayer::new().layer(routes(Gate::default()));
    let address = serve(Router::new().fallback_service(app)).await;
    let mut client = Client::connect(address, Carrier::Header).await;
    for path in ["/read", "/remove"] {
        let reply = client.post(path).await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    }
    let errors = log.messages("ERROR");
    assert!(errors[0].contains("request_context::tower::session::SessionLayer"), "{errors:?}");
    assert!(errors[1].contains("the session layer"), "{errors:?}");
}

#[tokio::test]
async fn the_layer_in_the_context_of_another_request_is_500() {
    let (log, _guard) = logged();
    let app = App::start(Carrier::Header, Policy::api()).await;
    let client = app.client_of("ada").await;
    let token = client.token.clone().unwrap();
    let layer = SessionLayer::new(app.sessions.clone(), Transport::header(), Policy::api());
    let inner = layer.layer(routes(Gate::default()));
    let as_eve = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        let eve = request_context::RequestContext::builder().user("eve".parse().unwrap()).build();
        eve.scope(next.run(request)).await
    });
    let router = Router::new().fallback_service(inner).layer(as_eve);
    let app = RequestContextLayer::new().layer(router);
    let address = serve(Router::new().fallback_service(app)).await;
    let mut client = Client::connect(address, Carrier::Header).await.with(&token);
    let reply = client.get("/whose").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    assert!(log.messages("ERROR")[0].contains("another request"));
}
