//! What the tests of this binary share.

mod app;
mod client;
mod gate;
mod logged;
mod server;
mod store;

pub(crate) use app::App;
pub(crate) use app::Note;
pub(crate) use app::TOLD_TO_KEEP;
pub(crate) use app::all;
pub(crate) use app::by_header;
pub(crate) use app::routes;
pub(crate) use app::whose;
pub(crate) use client::Carrier;
pub(crate) use client::Client;
pub(crate) use client::Reply;
pub(crate) use gate::Gate;
pub(crate) use logged::logged;
pub(crate) use server::serve;
pub(crate) use store::Watched;

use request_context::session::Sessions;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Starts a task that has no context of its own.
#[expect(clippy::disallowed_methods, reason = "servers and clients of a test have no request")]
pub(crate) fn start<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    Handle::current().spawn(future)
}

/// Lets time pass for all that is timed by tokio.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Lets more time pass than an unused session lasts.
pub(crate) async fn outlast(sessions: &Sessions) {
    pass(sessions.timeouts().idle() + Duration::from_millis(1)).await;
}
