//! A small application, and a store that fails on demand.

use crate::forward::forward;
use bytes::Bytes;
use request_context::RequestContext;
use request_context::SessionId;
use request_context::UserId;
use request_context::owner::Owner;
use request_context::session::*;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HISTORY: ListName = ListName::literal("history");

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Count(pub(crate) u32);

impl SessionValue for Count {
    const KEY: &'static str = "count";
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note(pub(crate) String);

impl SessionValue for Note {
    const KEY: &'static str = "note";
}

pub(crate) fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

pub(crate) fn owner(name: &str) -> Owner {
    Owner::user(user(name))
}

pub(crate) fn id(name: &str) -> SessionId {
    name.parse().unwrap()
}

pub(crate) fn new_of(owner: &Owner) -> NewSession {
    NewSession::new(owner.clone(), Timeouts::new(30 * MINUTE, 8 * HOUR))
}

pub(crate) fn rotation(to: &str, owner: &Owner) -> Rotation {
    Rotation::new(id(to), owner.clone(), Timeouts::new(30 * MINUTE, 8 * HOUR))
}

/// What goes wrong with one call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing has happened.
    Unavailable,
    /// Nothing has happened, but nobody knows.
    LostOnTheWay,
    /// It has happened, but nobody knows.
    AnswerLost,
    /// The answer is one about this session.
    AnswerOf(SessionId),
    /// The answer says that the items are this owner's.
    ItemsOf(Owner),
    /// Somebody else writes before.
    Overtaken,
    /// Nothing has happened, and that it is lost is known after this time only.
    LostAfter(Duration),
    /// There is no answer, ever.
    Silence,
}

/// The store in memory, which answers later than at once, and wrong or not at all if it is told to.
#[derive(Clone, Default)]
pub(crate) struct Double {
    pub(crate) store: MemoryStore,
    faults: Arc<Mutex<HashMap<&'static str, VecDeque<Fault>>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Double {
    pub(crate) fn of(store: MemoryStore) -> Self {
        Self { store, ..Self::default() }
    }

    /// The next call of this name goes wrong.
    pub(crate) fn fail(&self, call: &'static str, fault: Fault) {
        self.faults.lock().unwrap().entry(call).or_default().push_back(fault);
    }

    pub(crate) fn count(&self, call: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|other| **other == call).count()
    }

    fn inner(&self) -> &dyn SessionStore {
        &self.store
    }

    fn hand_on<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        answer: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let fault = self.before(name).await?;
            after(fault, answer.await).await
        })
    }

    async fn call<T>(
        &self,
        name: &'static str,
        act: impl FnOnce(&MemoryStore, Option<SessionId>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let fault = self.before(name).await?;
        let other = match &fault {
            Some(Fault::AnswerOf(other)) => Some(other.clone()),
            _ => None,
        };
        let answer = act(&self.store, other);
        after(fault, answer).await
    }

    /// What goes wrong with this call, unless that is all that comes of it.
    async fn before(&self, name: &'static str) -> Result<Option<Fault>, StoreError> {
        self.calls.lock().unwrap().push(name);
        let fault = self.faults.lock().unwrap().get_mut(name).and_then(VecDeque::pop_front);
        tokio::task::yield_now().await;
        match fault {
            Some(Fault::Unavailable) => Err(StoreError::unavailable("no route")),
            Some(Fault::LostAfter(time)) => {
                tokio::time::sleep(time).await;
                Err(StoreError::in_doubt("lost on the way"))
            }
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::LostOnTheWay) => Err(StoreError::in_doubt("lost on the way")),
            fault => Ok(fault),
        }
    }

    /// A record, or that of another session.
    fn record(&self, record: Record, other: Option<SessionId>) -> Record {
        other.map_or(record, |other| self.store.load(&other).unwrap())
    }
}

impl SessionStore for Double {
    fn create<'a>(&'a self, id: &'a SessionId, new: NewSession) -> StoreFuture<'a, Record> {
        Box::pin(
            self.call("create", move |store, other| Ok(self.record(store.create(id, new)?, other))),
        )
    }

    fn load<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(self.call("load", |store, other| Ok(store.load(other.as_ref().unwrap_or(id)))))
    }

    fn touch<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(self.call("touch", |store, other| Ok(store.touch(other.as_ref().unwrap_or(id)))))
    }

    fn update<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Update> {
        let overtaken = {
            let faults = self.faults.lock().unwrap();
            let next = faults.get("update").and_then(VecDeque::front);
            matches!(next, Some(Fault::Overtaken))
        };
        Box::pin(self.call("update", move |store, other| {
            if let Some(other) = other {
                return Ok(Update::Conflict(Box::new(store.load(&other).unwrap())));
            }
            if overtaken {
                let record = store.load(id).ok_or_else(StoreError::gone)?;
                let theirs = count_in(&record) + 100;
                let theirs = format!(r#"{{"count":{theirs}}}"#).into();
                store.update(id, owner, record.version, theirs, WriteId::new())?;
            }
            store.update(id, owner, expected, data, write)
        }))
    }

    fn range<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        positions: Range<u64>,
    ) -> StoreFuture<'a, Items> {
        let next = self.faults.lock().unwrap().get("range").and_then(|all| all.front().cloned());
        Box::pin(self.call("range", move |store, other| {
            let Some(other) = other else {
                let mut items = store.range(id, owner, list, positions)?;
                if let Some(Fault::ItemsOf(owner)) = next {
                    items.owner = owner;
                }
                return Ok(items);
            };
            let owner = store.load(&other).unwrap().owner;
            store.range(&other, &owner, list, positions)
        }))
    }

    fn rotate<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        rotation: Rotation,
    ) -> StoreFuture<'a, Record> {
        Box::pin(self.call("rotate", move |store, other| {
            Ok(self.record(store.rotate(id, owner, rotation)?, other))
        }))
    }

    forward! { append trim delete successor delete_all_of list_of prune }
}

async fn after<T>(fault: Option<Fault>, answer: Result<T, StoreError>) -> Result<T, StoreError> {
    tokio::task::yield_now().await;
    match fault {
        Some(Fault::AnswerLost) => Err(StoreError::in_doubt("the answer is lost")),
        _ => answer,
    }
}

pub(crate) fn count_in(record: &Record) -> u32 {
    let data: serde_json::Value = serde_json::from_slice(&record.data).unwrap_or_default();
    data["count"].as_u64().unwrap_or_default() as u32
}

/// One process of an application.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) double: Double,
    pub(crate) sessions: Sessions,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::on(&Double::default())
    }

    /// Another process on the same store.
    pub(crate) fn on(double: &Double) -> Self {
        let timeouts = Timeouts::new(30 * MINUTE, 8 * HOUR);
        let sessions = Sessions::new(double.clone()).with_timeouts(timeouts);
        Self { double: double.clone(), sessions }
    }

    pub(crate) fn store(&self) -> &MemoryStore {
        &self.double.store
    }

    /// A request without a session.
    pub(crate) fn visit(&self) -> Request {
        let outbox = Outbox::new();
        let context = self.sessions.enter(&RequestContext::new(), None, &outbox).unwrap();
        Request { context, outbox }
    }

    /// A request with a token, if there is such a session.
    pub(crate) async fn come_back(&self, token: &SessionToken) -> Option<Request> {
        let opened = self.sessions.open(token).await.unwrap()?;
        let outbox = Outbox::new();
        let context = self.sessions.enter(&RequestContext::new(), Some(opened), &outbox).unwrap();
        Some(Request { context, outbox })
    }

    /// A session of a user, by its token.
    pub(crate) async fn session_of(&self, name: &str) -> SessionToken {
        self.sessions.create(&owner(name)).await.unwrap().0
    }

    /// A request of a user with a fresh session.
    pub(crate) async fn request_of(&self, name: &str) -> Request {
        let token = self.session_of(name).await;
        self.come_back(&token).await.unwrap()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) context: RequestContext,
    pub(crate) outbox: Outbox,
}

impl Request {
    pub(crate) async fn run<F: Future>(&self, work: F) -> F::Output {
        self.context.clone().scope(work).await
    }

    pub(crate) fn session(&self) -> Session {
        self.context.clone().sync_scope(Session::current)
    }

    /// In a context that was derived from that of this request.
    pub(crate) fn then(&self, context: RequestContext) -> Self {
        Self { context, outbox: self.outbox.clone() }
    }

    pub(crate) async fn add(&self, n: u32) -> Result<u32, SessionError> {
        let add = |count: &mut Count| {
            count.0 += n;
            count.0
        };
        self.run(async { Session::current().update(add).await }).await
    }

    pub(crate) async fn count(&self) -> Result<Option<u32>, SessionError> {
        self.run(async { Ok(Session::current().get::<Count>().await?.map(|count| count.0)) }).await
    }

    pub(crate) async fn log_in(&self, name: &str) -> Result<Self, SessionError> {
        let context = self.run(async { Session::current().log_in(user(name), None).await }).await?;
        Ok(self.then(context))
    }

    pub(crate) async fn rotate(&self) -> Result<Self, SessionError> {
        Ok(self.then(self.run(async { Session::current().rotate().await }).await?))
    }

    pub(crate) async fn log_out(&self) -> Result<(), SessionError> {
        self.run(async { Session::current().log_out().await }).await
    }

    /// The response is sent; the token that it tells the client.
    pub(crate) fn respond(&self) -> Option<SessionToken> {
        match self.outbox.close() {
            Some(Outgoing::Token(token)) => Some(token),
            Some(Outgoing::Forget) | None => None,
        }
    }
}

/// Polls a future so often, and drops it if it is not done then.
pub(crate) fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}
