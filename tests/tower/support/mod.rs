//! What the tests of this binary share.

mod bodies;
mod client;
mod ends;
mod logged;
mod raw;
mod server;
mod tls;

pub(crate) use bodies::Script;
pub(crate) use bodies::Step;
pub(crate) use bodies::text_of;
pub(crate) use client::Client;
pub(crate) use client::get;
pub(crate) use ends::End;
pub(crate) use ends::Ends;
pub(crate) use ends::ends;
pub(crate) use logged::Logged;
pub(crate) use logged::logged;
pub(crate) use raw::Raw;
pub(crate) use server::Http;
pub(crate) use server::Naive;
pub(crate) use server::Server;
pub(crate) use tls::Tls;

use http::request::Parts;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::future::Ready;
use std::future::ready;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The output of `future`, which must not hang.
#[track_caller]
pub(crate) fn soon<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let at = std::panic::Location::caller();
    async move {
        tokio::time::timeout(Duration::from_secs(30), future)
            .await
            .unwrap_or_else(|_| panic!("what is awaited at {at} does not come"))
    }
}

/// Starts a task that has no context of its own.
#[expect(clippy::disallowed_methods, reason = "servers and clients of a test have no request")]
pub(crate) fn start<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    Handle::current().spawn(future)
}

/// The request ID of the current context, or "nowhere".
pub(crate) fn here() -> String {
    RequestContext::try_current()
        .map_or_else(|_| "nowhere".into(), |context| context.request_id().to_string())
}

/// The user of the current context, or "nobody", or "nowhere".
pub(crate) fn whose() -> String {
    RequestContext::try_current().map_or_else(
        |_| "nowhere".into(),
        |context| context.user().map_or("nobody", |user| user.as_str()).to_owned(),
    )
}

pub(crate) fn identity(user: &str) -> Identity {
    Identity::new(user.parse().unwrap())
}

/// Takes the bearer token for the user's name.
pub(crate) fn by_token(parts: &Parts) -> Ready<Authentication> {
    ready(match bearer_token(&parts.headers) {
        Ok(None) => Authentication::Anonymous,
        Ok(Some(user)) if user != "wrong" => Authentication::Identified(identity(user)),
        _ => Authentication::rejected(),
    })
}

/// A layer that takes the request ID that a test gives.
pub(crate) fn trusting() -> RequestContextLayer {
    RequestContextLayer::new().trust_request_id(|_| true)
}
