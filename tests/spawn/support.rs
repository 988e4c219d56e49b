//! What the tests of this binary share: a full request, what a piece of work sees, plain spawns.

use request_context::ContextExt;
use request_context::NoContext;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::SessionId;
use request_context::UserId;
use std::sync::Once;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tracing::Instrument;
use tracing::Span;
use tracing::span;

/// All that a piece of work can see of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) request_id: RequestId,
    pub(crate) session: Option<SessionId>,
    pub(crate) user: Option<UserId>,
    pub(crate) span: Option<span::Id>,
}

pub(crate) fn seen() -> Result<Seen, NoContext> {
    RequestContext::try_with(|context| Seen {
        request_id: context.request_id().clone(),
        session: context.session().cloned(),
        user: context.user().cloned(),
        span: Span::current().id(),
    })
}

pub(crate) fn user(name: &str) -> RequestContext {
    RequestContext::builder()
        .session(format!("session-of-{name}").parse().unwrap())
        .user(name.parse().unwrap())
        .build()
}

/// The name of the user that this code runs for.
pub(crate) fn whose() -> String {
    RequestContext::with(|context| context.user().unwrap().to_string())
}

/// Runs `work` in a request with session, user and span, and tells it what it has to see.
pub(crate) async fn in_request<R>(work: impl AsyncFnOnce(Seen) -> R) -> R {
    record_spans();
    let request = async {
        let here = seen().unwrap();
        assert!(here.session.is_some() && here.user.is_some() && here.span.is_some());
        work(here).await
    };
    let span = tracing::info_span!("request");
    request.instrument(span).in_context(user("ada")).await
}

/// As `in_request`, without a future.
pub(crate) fn in_sync_request<R>(work: impl FnOnce(Seen) -> R) -> R {
    record_spans();
    let span = tracing::info_span!("request");
    user("ada").sync_scope(|| span.in_scope(|| work(seen().unwrap())))
}

/// Spans have IDs on every thread of the process.
fn record_spans() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    });
}

pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

pub(crate) fn multi_thread(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).build().unwrap()
}

/// Runs the test on a runtime of each kind.
pub(crate) fn on_each_runtime<F: Future<Output = ()>>(test: impl Fn() -> F) {
    for runtime in [current_thread(), multi_thread(1), multi_thread(2)] {
        runtime.block_on(test());
    }
}

/// What a user writes who has not heard of this crate.
#[expect(clippy::disallowed_methods, reason = "the control of the experiment")]
pub(crate) fn plain_spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}
