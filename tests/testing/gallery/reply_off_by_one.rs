//! A read is given up, and its reply is the answer to the next question.

use super::Exhibit;
use super::exhibit::home;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::spawn_outside;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::MutexGuard;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio::time::timeout;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "reply off by one",
    way: "a read from a connection is cancelled by a timeout, and the next one gets its reply",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

/// A connection whose replies come in the order of the questions.
struct Connection<T> {
    questions: mpsc::Sender<(T, String)>,
    replies: mpsc::Receiver<(T, String)>,
}

/// Four of them, used by turns.
struct Connections<T> {
    all: Vec<Mutex<Connection<T>>>,
    next: AtomicUsize,
}

impl<T: Send + 'static> Connections<T> {
    fn open() -> Arc<Self> {
        let all = (0..4).map(|_| Mutex::new(Connection::open())).collect();
        Arc::new(Self { all, next: AtomicUsize::new(0) })
    }

    async fn next(&self) -> MutexGuard<'_, Connection<T>> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.all[next % self.all.len()].lock().await
    }
}

impl<T: Send + 'static> Connection<T> {
    /// To a server that is slow with each third question.
    fn open() -> Self {
        let (questions, mut asked) = mpsc::channel::<(T, String)>(8);
        let (answered, replies) = mpsc::channel(8);
        spawn_outside(async move {
            let mut count = 0;
            while let Some((tag, user)) = asked.recv().await {
                count += 1;
                sleep(if count % 3 == 0 { 4 * LATENCY } else { LATENCY }).await;
                // The client may be gone.
                let _ = answered.send((tag, format!("inbox of {user}"))).await;
            }
        });
        Self { questions, replies }
    }
}

const LATENCY: Duration = Duration::from_millis(1);

fn leaky() -> Router {
    Router::new().route("/", get(inbox)).with_state(Connections::<()>::open())
}

async fn inbox(State(connections): State<Arc<Connections<()>>>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    let mut connection = connections.next().await;
    let reply = timeout(2 * LATENCY, async {
        connection.questions.send(((), user)).await.unwrap();
        connection.replies.recv().await.unwrap().1
    });
    reply.await.unwrap_or_else(|_| "try again".to_owned())
}

fn corrected() -> Router {
    let connections = Connections::<RequestId>::open();
    signed_in(Router::new().route("/", get(own_inbox)).with_state(connections))
}

/// Each question has the ID of its request, and so has its reply.
async fn own_inbox(State(connections): State<Arc<Connections<RequestId>>>) -> String {
    let id = RequestContext::with(|context| context.request_id().clone());
    let mut connection = connections.next().await;
    let reply = timeout(2 * LATENCY, async {
        connection.questions.send((id.clone(), me())).await.unwrap();
        loop {
            let (of, reply) = connection.replies.recv().await.unwrap();
            if of == id {
                return reply;
            }
        }
    });
    reply.await.unwrap_or_else(|_| "try again".to_owned())
}
