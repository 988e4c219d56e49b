//! The layer as a part of tower: what the inner service is asked, and what comes back of it.

use crate::support::get;
use crate::support::hyper;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientError;
use request_context::tower::client::ClientFuture;
use request_context::tower::client::ClientLayer;
use request_context::tower::client::ClientService;
use request_context::tower::client::FirstOriginLayer;
use request_context::tower::client::FirstOriginService;
use request_context::tower::client::IdentityHeader;
use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Ready;
use std::future::ready;
use std::rc::Rc;
use std::task::Context;
use std::task::Poll;
use tokio::net::TcpListener;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

#[derive(Clone, Debug, PartialEq)]
struct Fault(&'static str);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Fault {}

/// Is ready at the second asking, takes one call per time it was ready, and answers with the ID of
/// the context that it is called in. A clone is not ready.
struct OncePerReady {
    polls: usize,
    fails: bool,
}

impl Clone for OncePerReady {
    fn clone(&self) -> Self {
        Self { polls: 0, fails: self.fails }
    }
}

impl<B> Service<Request<B>> for OncePerReady {
    type Response = String;
    type Error = Fault;
    type Future = Ready<Result<String, Fault>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        if self.fails {
            return Poll::Ready(Err(Fault("never ready")));
        }
        self.polls += 1;
        if self.polls < 2 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(self.polls >= 2, "called while not ready");
        self.polls = 0;
        ready(Ok(RequestContext::current().request_id().to_string()))
    }
}

#[test]
fn the_one_that_was_asked_whether_it_is_ready_is_the_one_called_in_the_context() {
    let (above, below) = ClientLayer::new().around_redirects();
    let mut client = above.layer(below.layer(OncePerReady { polls: 0, fails: false }));
    let context = RequestContext::new();
    for _ in 0..2 {
        let call = async {
            let ready = ServiceExt::<Request<Full<Bytes>>>::ready(&mut client);
            ready.await.unwrap().call(get("http://a")).await
        };
        let id = pollster::block_on(context.clone().scope(call)).unwrap();
        assert_eq!(id, context.request_id().as_str());
    }
}

#[test]
fn a_service_that_will_never_be_ready_says_so_through_the_layer() {
    let mut client = ClientLayer::new().layer(OncePerReady { polls: 0, fails: true });
    let ready = ServiceExt::<Request<Full<Bytes>>>::ready(&mut client);
    let error = pollster::block_on(ready).map(drop).unwrap_err();
    assert_eq!(error.into_inner().unwrap(), Fault("never ready"));
}

#[tokio::test]
async fn the_error_of_the_client_comes_back_as_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = ClientLayer::new().layer(hyper());
    let call = async || RequestContext::new().scope(client.clone().oneshot(get(&url))).await;
    let error = call().await.unwrap_err();
    assert!(error.get_inner().unwrap().is_connect());
    let is_ours = [
        error.is_outside_scope(),
        error.is_other_request(),
        error.is_unknown_origin(),
        error.is_no_identity(),
    ];
    assert_eq!(is_ours, [false; 4]);
    assert_eq!(error.to_string(), "the outgoing call failed");
    assert!(error.source().unwrap().is::<hyper_util::client::legacy::Error>());
    assert!(error.into_inner().unwrap().is_connect());
    assert!(call().await.unwrap_err().into_boxed().is::<hyper_util::client::legacy::Error>());
}

#[test]
fn each_refusal_is_one_of_its_kind_and_has_no_inner_error() {
    let mut foreign = get("http://a");
    foreign.extensions_mut().insert(RequestContext::new());
    let failing = IdentityHeader::bearer(|_| Err("no key".into()));
    let layer = ClientLayer::new().identity(["http://a".parse().unwrap()], failing);
    let call = |request| layer.layer(OncePerReady { polls: 2, fails: false }).call(request);
    let in_scope = |request| RequestContext::new().sync_scope(|| call(request));
    let refused =
        [call(get("http://a")), in_scope(foreign), in_scope(get("/")), in_scope(get("http://a"))];
    for (kind, future) in refused.into_iter().enumerate() {
        let error = pollster::block_on(future).unwrap_err();
        let is_kind = [
            error.is_outside_scope(),
            error.is_other_request(),
            error.is_unknown_origin(),
            error.is_no_identity(),
        ];
        assert_eq!(is_kind, [0, 1, 2, 3].map(|other| other == kind), "{error}");
        assert!(error.get_inner().is_none());
        let error = error.into_inner().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("not sent; ") && !text.ends_with('.'), "{text}");
        let boxed = error.into_boxed();
        assert_eq!(boxed.downcast_ref::<ClientError<Infallible>>().unwrap().to_string(), text);
    }
}

#[test]
fn the_parts_are_clone_send_and_sync_as_what_they_hold() {
    fn all<T: Clone + Send + Sync + Unpin + fmt::Debug + 'static>() {}
    fn sent<T: Send + Sync + Unpin>() {}
    all::<ClientLayer>();
    all::<FirstOriginLayer>();
    all::<IdentityHeader>();
    all::<ClientService<OncePerReadyIsDebug>>();
    all::<FirstOriginService<OncePerReadyIsDebug>>();
    sent::<ClientFuture<Ready<()>>>();
    sent::<ClientBody<Full<Bytes>>>();
    sent::<ClientError<Fault>>();

    // What is not Send stays usable on one thread.
    #[derive(Clone)]
    struct Local(Rc<Cell<usize>>);
    impl<B> Service<Request<B>> for Local {
        type Response = ();
        type Error = Infallible;
        type Future = Ready<Result<(), Infallible>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request<B>) -> Self::Future {
            self.0.set(self.0.get() + 1);
            ready(Ok(()))
        }
    }
    let calls = Rc::new(Cell::new(0));
    let client = ClientLayer::new().layer(Local(Rc::clone(&calls)));
    let call = client.clone().oneshot(get("http://a"));
    pollster::block_on(RequestContext::new().scope(call)).unwrap();
    assert_eq!(calls.get(), 1);
    assert_eq!(client.get_ref().0.get(), 1);
}

type OncePerReadyIsDebug = tower::util::BoxCloneSyncService<Request<()>, (), Fault>;

#[test]
fn the_future_of_the_client_is_not_boxed() {
    let mut client = ClientLayer::new().layer(OncePerReady { polls: 2, fails: false });
    let future: ClientFuture<Ready<_>> = client.call(get("http://a"));
    assert_eq!(format!("{future:?}"), "ClientFuture { .. }");
    assert!(size_of::<ClientFuture<[u8; 1024]>>() >= 1024);
    assert_eq!(client.get_mut().polls, 2);
    assert_eq!(client.into_inner().polls, 2);
}

#[test]
#[should_panic(expected = "polled after completion")]
fn a_refused_call_that_is_polled_again_panics() {
    let mut client = ClientLayer::new().layer(OncePerReady { polls: 2, fails: false });
    let mut future = client.call(get("http://a"));
    assert!(pollster::block_on(&mut future).is_err());
    let _ = pollster::block_on(&mut future);
}
