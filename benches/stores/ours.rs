//! Our store in memory, by its own methods and as any [`SessionStore`].

use super::DATA;
use super::Store;
use super::id;
use super::now;
use super::scattered;
use bytes::Bytes;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::Limits;
use request_context::session::ListName;
use request_context::session::MemoryStore;
use request_context::session::NewSession;
use request_context::session::Rotation;
use request_context::session::SessionStore;
use request_context::session::Timeouts;
use request_context::session::Version;
use request_context::session::WriteId;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// By the methods of the type, which answer at once.
pub struct Ours(Sessions);

/// As the session layer uses any store: by a trait object, each answer a boxed future.
pub struct Boxed {
    sessions: Sessions,
    store: Arc<dyn SessionStore>,
}

struct Sessions {
    store: MemoryStore,
    each: Vec<Session>,
    list: ListName,
}

struct Session {
    id: SessionId,
    /// What it is rotated to, and back from.
    other: SessionId,
    owner: Owner,
    /// The version of the data, as whoever writes has read it.
    version: AtomicU32,
}

impl Session {
    fn next_version(&self) -> Version {
        let version = self.version.load(Relaxed);
        self.version.store(version + 1, Relaxed);
        Version::new(version.into())
    }
}

impl Sessions {
    fn new(count: usize, idle: Duration) -> Self {
        let mut limits = Limits::default();
        (limits.sessions, limits.list_items) = (usize::MAX, usize::MAX);
        let store = MemoryStore::new(limits);
        let session = |number| Session {
            id: id(number, 0),
            other: id(number, 1),
            owner: Owner::user(format!("user-{number}").parse().expect("a legal user ID")),
            version: AtomicU32::new(1),
        };
        let each: Vec<_> = (0..count).map(session).collect();
        let timeouts = Timeouts::new(idle, Timeouts::MAX);
        for number in scattered(count) {
            let Session { id, owner, .. } = &each[number];
            let new = NewSession::new(owner.clone(), timeouts);
            let made = store.create(id, new.with_data(Bytes::copy_from_slice(DATA)));
            made.expect("there is room");
        }
        Self { store, each, list: "history".parse().expect("a legal name") }
    }
}

impl Store for Ours {
    const NAME: &'static str = "ours";
    const OWN_BYTES: usize = size_of::<Session>();
    type Scratch = ();

    fn new(sessions: usize, idle: Duration) -> Self {
        Self(Sessions::new(sessions, idle))
    }

    fn load(&self, session: usize) -> bool {
        self.0.store.load(&self.0.each[session].id).is_some()
    }

    fn update(&self, session: usize, (): &mut ()) {
        let session = &self.0.each[session];
        let data = Bytes::copy_from_slice(DATA);
        let version = session.next_version();
        let done = self.0.store.update(&session.id, &session.owner, version, data, WriteId::new());
        done.expect("the session is there");
    }

    fn append(&self, session: usize, (): &mut ()) {
        let Session { id, owner, .. } = &self.0.each[session];
        let item = Bytes::copy_from_slice(DATA);
        let done = self.0.store.append(id, owner, &self.0.list, item, WriteId::new());
        done.expect("the session is there");
    }

    fn rotate_twice(&self, session: usize, (): &mut ()) {
        let Session { id: one, other, owner, .. } = &self.0.each[session];
        for (from, to) in [(one, other), (other, one)] {
            let rotation = Rotation::new(to.clone(), owner.clone(), Timeouts::default());
            self.0.store.rotate(from, owner, rotation).expect("the session is there");
        }
    }

    fn expire(&self) {
        self.0.store.prune();
    }
}

impl Store for Boxed {
    const NAME: &'static str = "ours, boxed";
    const OWN_BYTES: usize = size_of::<Session>();
    type Scratch = ();

    fn new(sessions: usize, idle: Duration) -> Self {
        let sessions = Sessions::new(sessions, idle);
        let store: Arc<dyn SessionStore> = Arc::new(sessions.store.clone());
        Self { sessions, store }
    }

    fn load(&self, session: usize) -> bool {
        now(self.store.load(&self.sessions.each[session].id)).is_ok_and(|record| record.is_some())
    }

    fn update(&self, session: usize, (): &mut ()) {
        let session = &self.sessions.each[session];
        let data = Bytes::copy_from_slice(DATA);
        let version = session.next_version();
        let done = self.store.update(&session.id, &session.owner, version, data, WriteId::new());
        now(done).expect("the session is there");
    }

    fn append(&self, session: usize, (): &mut ()) {
        let Session { id, owner, .. } = &self.sessions.each[session];
        let item = Bytes::copy_from_slice(DATA);
        let done = self.store.append(id, owner, &self.sessions.list, item, WriteId::new());
        now(done).expect("the session is there");
    }

    fn rotate_twice(&self, session: usize, (): &mut ()) {
        let Session { id: one, other, owner, .. } = &self.sessions.each[session];
        for (from, to) in [(one, other), (other, one)] {
            let rotation = Rotation::new(to.clone(), owner.clone(), Timeouts::default());
            now(self.store.rotate(from, owner, rotation)).expect("the session is there");
        }
    }

    fn expire(&self) {
        self.sessions.store.prune();
    }
}
