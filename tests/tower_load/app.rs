//! A service that checks at every stage for whom it works, and can be told to make a mistake.

use crate::findings::Findings;
use crate::findings::owner;
use crate::start;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::any;
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures::stream;
use http::request::Parts;
use request_context::ContextExt;
use request_context::RequestContext;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::task;
use tokio::task::JoinHandle;
use tokio::task::yield_now;
use tower::Layer;

/// What is planted, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mistake {
    None,
    /// The user is kept in a place that all requests share.
    Global,
    /// The user is kept by task, which is that of the connection.
    PerTask,
    /// A task is started without the context.
    NotCarried,
}

#[derive(Clone)]
struct App {
    findings: Arc<Findings>,
    mistake: Mistake,
    global: Arc<Mutex<String>>,
    per_task: Arc<Mutex<HashMap<task::Id, String>>>,
    /// Held by all work under way.
    _busy: mpsc::Sender<Infallible>,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<()>,
    idle: mpsc::Receiver<Infallible>,
}

impl Server {
    /// Stops, and waits until nothing is under way any more.
    pub(crate) async fn quiet(mut self) {
        self.stop.send(()).unwrap();
        self.stopped.await.unwrap();
        assert!(self.idle.recv().await.is_none());
    }
}

/// Serves HTTP/1 and HTTP/2 at one address.
pub(crate) async fn serve(findings: &Arc<Findings>, mistake: Mistake) -> Server {
    let (busy, idle) = mpsc::channel(1);
    let app = App {
        findings: Arc::clone(findings),
        mistake,
        global: Arc::default(),
        per_task: Arc::default(),
        _busy: busy,
    };
    let (asked, told) = (app.clone(), app.clone());
    let layer = RequestContextLayer::new()
        .trust_request_id(|_| true)
        .authenticate(move |parts: &Parts| authenticate(asked.clone(), parts))
        .on_end(move |_: &EndOfRequest| on_end(&told.findings));
    let router = Router::new().route("/{kind}/{id}", any(handle)).with_state(app);
    let router = Router::new().fallback_service(layer.layer(router));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|socket| socket.set_nodelay(true).unwrap());
    let (stop, asked_to_stop) = oneshot::channel::<()>();
    let server =
        axum::serve(listener, router).with_graceful_shutdown(async { drop(asked_to_stop.await) });
    let stopped = start(async { server.await.unwrap() });
    Server { address, stop, stopped, idle }
}

fn authenticate(app: App, parts: &Parts) -> impl Future<Output = Authentication> + Send + use<> {
    let user = bearer_token(&parts.headers).unwrap().unwrap().to_owned();
    let id = parts.headers["x-request-id"].to_str().unwrap().to_owned();
    app.findings.began(&id);
    async move {
        for _ in 0..id.len() % 3 {
            app.findings.check("authentication", &id, false);
            yield_now().await;
        }
        tracing::info!(of = id, knows = false, "authenticated");
        Authentication::Identified(Identity::new(user.parse().unwrap()))
    }
}

fn on_end(findings: &Findings) {
    let context = RequestContext::current();
    let id = context.request_id().as_str();
    // Ended before or after it was known who it is for.
    if let Some(user) = context.user() {
        findings.compare("hook", owner(id), user.as_str());
    }
    tracing::info!(of = id, knows = context.user().is_some(), "ended");
    findings.ended(id);
}

/// Checks where it is dropped.
struct Locals(App, String, &'static str);

impl Drop for Locals {
    fn drop(&mut self) {
        self.0.findings.check(self.2, &self.1, true);
    }
}

async fn handle(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    body: Bytes,
) -> Body {
    let _locals = Locals(app.clone(), id.clone(), "drop of the handler's locals");
    app.findings.check("handler", &id, true);
    tracing::info!(of = id, knows = true, "handled");
    let user = app.user_as_if(&id);
    for _ in 0..body.len() % 4 {
        yield_now().await;
        app.findings.check("handler", &id, true);
    }
    let user = user.unwrap_or_else(|| RequestContext::current().user().unwrap().to_string());
    let user =
        if app.mistake == Mistake::Global { app.global.lock().unwrap().clone() } else { user };
    match kind.as_str() {
        "tasks" => app.start_tasks(&id).await,
        "left" => drop(request_context::spawn(app.clone().task(id.clone()))),
        _ => {}
    }
    app.stream(id, user)
}

impl App {
    /// The user that a program with a mistake would take.
    fn user_as_if(&self, id: &str) -> Option<String> {
        match self.mistake {
            Mistake::None | Mistake::NotCarried => None,
            Mistake::Global => {
                owner(id).clone_into(&mut self.global.lock().unwrap());
                None
            }
            Mistake::PerTask => {
                let mut users = self.per_task.lock().unwrap();
                Some(users.entry(task::id()).or_insert_with(|| owner(id).to_owned()).clone())
            }
        }
    }

    async fn start_tasks(&self, id: &str) {
        let (in_pool, of_pool) = (self.clone(), id.to_owned());
        let pooled = move || {
            in_pool.findings.check("spawn_blocking", &of_pool, true);
            tracing::info!(of = of_pool, knows = true, "in the pool");
        };
        let pooled = request_context::spawn_blocking(pooled);
        let task = self.clone().task(id.to_owned());
        if self.mistake == Mistake::NotCarried {
            start(task).await.unwrap();
        } else {
            let both = [task, self.clone().task(id.to_owned())].map(request_context::spawn);
            for task in both {
                task.await.unwrap();
            }
        }
        let (detached, of) = (self.clone(), id.to_owned());
        drop(request_context::spawn_detached(async move {
            yield_now().await;
            detached.findings.check("detached", &of, false);
            tracing::info!(of, knows = false, "detached");
        }));
        pooled.in_current_context().await.unwrap();
    }

    /// A child task, which may outlive the request.
    async fn task(self, id: String) {
        for _ in 0..3 {
            self.findings.check("task", &id, true);
            yield_now().await;
        }
        if self.mistake != Mistake::NotCarried {
            tracing::info!(of = id, knows = true, "task");
        }
    }

    /// Says for whom it is, frame by frame.
    fn stream(self, id: String, user: String) -> Body {
        let locals = Locals(self, id, "drop of the body");
        let frames = stream::unfold((0, locals), move |(frame, locals)| {
            let user = user.clone();
            async move {
                yield_now().await;
                let Locals(app, id, _) = &locals;
                app.findings.check("body", id, true);
                if frame == 1 {
                    tracing::info!(of = id, knows = true, "body");
                }
                let here = RequestContext::current();
                let text = format!("{user} {} {}\n", here.request_id(), here.user().unwrap());
                (frame < 4).then_some((Ok::<_, Infallible>(text), (frame + 1, locals)))
            }
        });
        Body::from_stream(frames)
    }
}
