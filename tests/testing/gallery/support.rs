//! What the servers have in common.

use axum::Router;
use axum::http::HeaderMap;
use http::request::Parts;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use tokio::sync::RwLock;

/// A database that answers at once, as those of tests do: an `await` that hardly ever waits.
#[derive(Clone, Default)]
pub(super) struct Database(Arc<RwLock<()>>);

impl Database {
    pub(super) async fn query(&self) {
        drop(self.0.read().await);
    }
}

/// The user, as a proxy in front that knows them says.
pub(super) fn user_of(headers: &HeaderMap) -> String {
    headers["x-user"].to_str().unwrap().to_owned()
}

/// The same routes, each request in the context of its user.
pub(super) fn signed_in(router: Router) -> Router {
    let layer = RequestContextLayer::new().authenticate(|parts: &Parts| {
        let user = user_of(&parts.headers).parse();
        async move {
            match user {
                Ok(user) => Authentication::Identified(Identity::new(user)),
                Err(_) => Authentication::rejected(),
            }
        }
    });
    router.layer(layer)
}

/// The user of the current context.
pub(super) fn me() -> String {
    RequestContext::with(|context| context.require_user().unwrap().to_string())
}

/// The guard, also after a panic of another holder.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
