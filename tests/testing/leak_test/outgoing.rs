//! Requests that the program under test sends to other servers.

use super::support::by_name;
use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::routing::get;
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use request_context::RequestContext;
use request_context::testing::LeakTest;
use request_context::testing::ObserveOutgoingLayer;
use request_context::testing::ObservedBody;
use request_context::testing::Report;
use request_context::testing::Sink;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientLayer;
use request_context::tower::client::IdentityHeader;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

type Make = fn(&str, &str) -> Request<Body>;

/// What another server does with a request: read it, and say nothing.
async fn read(request: Request<ObservedBody<Body>>) -> Result<(), Infallible> {
    drop(request.into_body().collect().await);
    Ok(())
}

/// Each user has a request made, from its own name and that of the user before.
async fn report(make: Make) -> Report {
    let app = move || {
        let last = Arc::new(Mutex::new(String::new()));
        let handler = move |headers: HeaderMap| {
            let user = user_of(&headers);
            let before = std::mem::replace(&mut *last.lock().unwrap(), user.clone());
            async move {
                let client = ObserveOutgoingLayer::new().layer(service_fn(read));
                client.oneshot(make(&before, &user)).await.unwrap();
                user
            }
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).seeds(0..1).request(|visitor, _, _| by_name(visitor));
    test.expect_own(Sink::Outgoing).run().await
}

async fn place(make: Make) -> String {
    let report = report(make).await;
    let [leak] = report.leaks.as_slice() else { panic!("{report}") };
    assert_eq!(leak.first.sink, Sink::Outgoing);
    leak.first.place.clone()
}

fn with(user: &str) -> http::request::Builder {
    Request::get("http://billing.internal/").header("x-user", user)
}

#[tokio::test]
async fn another_users_data_in_any_part_of_them_is_found() {
    let uri = place(|before, user| {
        let uri = format!("http://billing.internal/bill?of={before}");
        with(user).uri(uri).body(Body::empty()).unwrap()
    });
    assert_eq!(uri.await, "uri");
    let header = place(|before, user| {
        with(user).header("authorization", format!("Bearer {before}")).body(Body::empty()).unwrap()
    });
    assert_eq!(header.await, "authorization");
    // In pieces of some bytes.
    let body = place(|before, user| {
        let pieces: Vec<_> = before.as_bytes().chunks(5).map(Bytes::copy_from_slice).collect();
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
        with(user).body(Body::from_stream(pieces)).unwrap()
    });
    assert_eq!(body.await, "body");
}

#[tokio::test]
async fn their_own_data_is_no_leak() {
    let report = report(|_, user| with(user).body(Body::from(user.to_owned())).unwrap()).await;
    assert!(report.is_isolated(), "{report}");
}

/// Calls another server through a `ClientLayer`, with the identity that `name` makes of the own one.
async fn signed(name: fn(String) -> String) -> Report {
    let app = move || {
        let token = IdentityHeader::bearer(move |context| {
            Ok(context.user().map(|user| name(user.as_str().to_owned())))
        });
        let layer = ClientLayer::new();
        let layer = layer.identity(["http://billing.internal".parse().unwrap()], token);
        let handler = move |headers: HeaderMap| {
            let user = user_of(&headers);
            let read = service_fn(|_: Request<ObservedBody<ClientBody<Body>>>| async {
                Ok::<_, Infallible>(http::Response::new(Body::empty()))
            });
            let client = layer.layer(ObserveOutgoingLayer::new().layer(read));
            let request = Request::get("http://billing.internal/").body(Body::empty()).unwrap();
            let context = RequestContext::builder().user(user.parse().unwrap()).build();
            context.scope(async move {
                client.oneshot(request).await.unwrap();
                user
            })
        };
        Router::new().route("/", get(handler))
    };
    let test = LeakTest::new(app).seeds(0..1).request(|visitor, _, _| by_name(visitor));
    test.run().await
}

#[tokio::test]
async fn below_a_client_layer_the_identity_that_it_adds_is_seen() {
    static LAST: Mutex<String> = Mutex::new(String::new());
    let report = signed(|user| std::mem::replace(&mut *LAST.lock().unwrap(), user)).await;
    let [leak] = report.leaks.as_slice() else { panic!("{report}") };
    assert_eq!((leak.first.sink, leak.first.place.as_str()), (Sink::Outgoing, "authorization"));
    let report = signed(|user| user).await;
    assert!(report.is_isolated(), "{report}");
}
