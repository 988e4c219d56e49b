//! The store in memory does what a few lines do that keep everything in one place.

use super::support::*;
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::*;
use std::collections::BTreeMap;
use std::time::Duration;

const SESSIONS: u8 = 5;
const OWNERS: u8 = 3;

#[derive(Clone, Debug)]
enum Step {
    Create(u8, u8),
    Load(u8),
    Touch(u8),
    Update(u8, u8, u64, u8),
    Append(u8, u8, u8),
    Trim(u8, u8, u64),
    Range(u8, u8, u64, u64),
    Rotate(u8, u8, u8, u8),
    Delete(u8),
    DeleteAll(u8, Option<u8>),
    List(u8),
    Prune,
    Pass(u64),
    /// The last write once more.
    Again,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (session, owner) = (|| 0..SESSIONS, || 0..OWNERS);
    let step = prop_oneof![
        4 => (session(), owner()).prop_map(|(s, o)| Step::Create(s, o)),
        1 => session().prop_map(Step::Load),
        1 => session().prop_map(Step::Touch),
        4 => (session(), owner(), 1..5_u64, 0..200_u8).prop_map(|(s, o, v, d)| Step::Update(s, o, v, d)),
        3 => (session(), owner(), 0..200_u8).prop_map(|(s, o, d)| Step::Append(s, o, d)),
        1 => (session(), owner(), 0..6_u64).prop_map(|(s, o, p)| Step::Trim(s, o, p)),
        2 => (session(), owner(), 0..6_u64, 0..6_u64).prop_map(|(s, o, a, b)| Step::Range(s, o, a, b)),
        2 => (session(), owner(), session(), owner()).prop_map(|(s, o, t, u)| Step::Rotate(s, o, t, u)),
        1 => session().prop_map(Step::Delete),
        1 => (owner(), prop::option::of(session())).prop_map(|(o, e)| Step::DeleteAll(o, e)),
        1 => owner().prop_map(Step::List),
        1 => Just(Step::Prune),
        2 => (1..700_u64).prop_map(Step::Pass),
        2 => Just(Step::Again),
    ];
    vec(step, 1..80)
}

#[derive(Clone)]
struct Session {
    owner: u8,
    version: u64,
    data: Vec<u8>,
    items: Vec<Vec<u8>>,
    first: usize,
    began: u64,
    expires: u64,
}

/// Seconds since the start.
#[derive(Default)]
struct Model {
    now: u64,
    sessions: BTreeMap<u8, Session>,
}

const IDLE: u64 = 300;
const ABSOLUTE: u64 = 1000;
const PER_OWNER: usize = 2;
const ALL: usize = 4;

impl Model {
    fn expire(&mut self) {
        let now = self.now;
        self.sessions.retain(|_, session| session.expires > now);
    }

    fn touch(&mut self, id: u8) {
        let now = self.now;
        if let Some(session) = self.sessions.get_mut(&id) {
            session.expires = session.expires.max((now + IDLE).min(session.began + ABSOLUTE));
        }
    }

    fn count_of(&self, owner: u8) -> usize {
        self.sessions.values().filter(|session| session.owner == owner).count()
    }

    fn fresh(&self, owner: u8) -> Session {
        Session {
            owner,
            version: 1,
            data: vec![],
            items: vec![],
            first: 0,
            began: self.now,
            expires: self.now + IDLE,
        }
    }

    fn owned(&self, id: u8, owner: u8) -> Result<Session, String> {
        match self.sessions.get(&id) {
            None => Err("gone".to_owned()),
            Some(session) if session.owner != owner => Err("mismatch".to_owned()),
            Some(session) => Ok(session.clone()),
        }
    }

    fn shown(&self, id: u8) -> String {
        let session = &self.sessions[&id];
        let (age, expires_in) = (self.now - session.began, session.expires - self.now);
        format!("{id} {} {} {:?} {age} {expires_in}", session.owner, session.version, session.data)
    }

    fn run(&mut self, step: &Step) -> String {
        self.expire();
        match *step {
            Step::Create(id, _) if self.sessions.contains_key(&id) => "exists".to_owned(),
            Step::Create(_, owner) if owner > 0 && self.count_of(owner) >= PER_OWNER => {
                "sessions_per_owner".to_owned()
            }
            Step::Create(..) if self.sessions.len() >= ALL => "sessions".to_owned(),
            Step::Create(id, owner) => {
                self.sessions.insert(id, self.fresh(owner));
                self.shown(id)
            }
            Step::Load(id) | Step::Touch(id) => {
                if matches!(step, Step::Touch(_)) {
                    self.touch(id);
                }
                self.sessions.get(&id).map_or("none".to_owned(), |_| self.shown(id))
            }
            Step::Update(id, owner, version, data) => self.update(id, owner, version, data),
            Step::Append(id, owner, item) => self.owned(id, owner).map_or_else(
                |error| error,
                |_| {
                    self.touch(id);
                    let session = self.sessions.get_mut(&id).unwrap();
                    session.items.push(vec![item]);
                    format!("at {} {}", session.items.len() - 1, session.expires - self.now)
                },
            ),
            Step::Trim(id, owner, position) => self.owned(id, owner).map_or_else(
                |error| error,
                |_| {
                    self.touch(id);
                    let session = self.sessions.get_mut(&id).unwrap();
                    let position = (position as usize).min(session.items.len());
                    session.first = session.first.max(position);
                    "trimmed".to_owned()
                },
            ),
            Step::Range(id, owner, from, to) => self.owned(id, owner).map_or_else(
                |error| error,
                |session| {
                    let end = session.items.len();
                    let first = (from as usize).clamp(session.first, end);
                    let to = (to as usize).clamp(first, end);
                    format!("{first} {:?} {end}", &session.items[first..to])
                },
            ),
            Step::Rotate(id, owner, to, other) => self.rotate(id, owner, to, other),
            Step::Delete(id) => self.sessions.remove(&id).is_some().to_string(),
            Step::DeleteAll(owner, except) => {
                let is_of = |id: &u8, session: &Session| {
                    owner > 0 && session.owner == owner && Some(*id) != except
                };
                let ids: Vec<_> = self
                    .sessions
                    .iter()
                    .filter(|(id, s)| is_of(id, s))
                    .map(|(id, _)| *id)
                    .collect();
                self.sessions.retain(|id, _| !ids.contains(id));
                format!("{ids:?}")
            }
            Step::List(owner) => {
                let of = self.sessions.iter().filter(|(_, s)| owner > 0 && s.owner == owner);
                let mut of: Vec<_> =
                    of.map(|(id, s)| (self.now - s.began, *id, s.expires - self.now)).collect();
                of.sort();
                format!("{of:?}")
            }
            Step::Prune | Step::Again => String::new(),
            Step::Pass(seconds) => {
                self.now += seconds;
                String::new()
            }
        }
    }

    fn update(&mut self, id: u8, owner: u8, version: u64, data: u8) -> String {
        match self.owned(id, owner) {
            Err(error) => error,
            Ok(session) if session.version != version => format!("conflict {}", self.shown(id)),
            Ok(_) => {
                self.touch(id);
                let session = self.sessions.get_mut(&id).unwrap();
                session.version += 1;
                session.data = vec![data];
                format!("written {} {}", session.version, session.expires - self.now)
            }
        }
    }

    fn rotate(&mut self, id: u8, owner: u8, to: u8, other: u8) -> String {
        let session = match self.owned(id, owner) {
            Err(error) => return error,
            Ok(_) if self.sessions.contains_key(&to) => return "exists".to_owned(),
            Ok(_) if owner != other && other > 0 && self.count_of(other) >= PER_OWNER => {
                return "sessions_per_owner".to_owned();
            }
            Ok(session) if owner == other => session,
            Ok(_) => self.fresh(other),
        };
        self.sessions.remove(&id);
        self.sessions.insert(to, session);
        self.shown(to)
    }
}

/// The store, and what it was last asked to write.
struct Real {
    store: MemoryStore,
    write: WriteId,
}

fn named(id: u8) -> SessionId {
    id.to_string().parse().unwrap()
}

fn owned_by(number: u8) -> Owner {
    if number == 0 { Owner::nobody() } else { owner(&number.to_string()) }
}

fn timeouts() -> Timeouts {
    Timeouts::new(Duration::from_secs(IDLE), Duration::from_secs(ABSOLUTE))
}

fn shown(record: &Record) -> String {
    let owner = record.owner.user_id().map_or("0", |user| user.as_str());
    let (age, expires_in) = (record.age.as_secs(), record.expires_in.as_secs());
    let (id, version, data) = (&record.id, record.version.get(), &record.data.to_vec());
    format!("{id} {owner} {version} {data:?} {age} {expires_in}")
}

fn failed(error: StoreError) -> String {
    match error {
        error if error.is_gone() => "gone".to_owned(),
        error if error.is_owner_mismatch() => "mismatch".to_owned(),
        error if error.is_exists() => "exists".to_owned(),
        error => error.limit().unwrap().to_owned(),
    }
}

fn or_failed<T>(answer: Result<T, StoreError>, show: impl FnOnce(T) -> String) -> String {
    answer.map_or_else(failed, show)
}

impl Real {
    async fn run(&mut self, step: &Step) -> String {
        let (store, write) = (&self.store, self.write);
        match *step {
            Step::Create(id, owner) => {
                let mut new = NewSession::new(owned_by(owner), timeouts());
                new.write = write;
                or_failed(store.create(&named(id), new), |record| shown(&record))
            }
            Step::Load(id) => store.load(&named(id)).map_or("none".to_owned(), |r| shown(&r)),
            Step::Touch(id) => store.touch(&named(id)).map_or("none".to_owned(), |r| shown(&r)),
            Step::Update(id, owner, version, data) => {
                let (version, data) = (Version::new(version), Bytes::from(vec![data]));
                let update = store.update(&named(id), &owned_by(owner), version, data, write);
                or_failed(update, |update| match update {
                    Update::Written(w) => {
                        format!("written {} {}", w.version.get(), w.expires_in.as_secs())
                    }
                    Update::Conflict(record) => format!("conflict {}", shown(&record)),
                })
            }
            Step::Append(id, owner, item) => {
                let item = Bytes::from(vec![item]);
                let append = store.append(&named(id), &owned_by(owner), &HISTORY, item, write);
                or_failed(append, |a| format!("at {} {}", a.position, a.expires_in.as_secs()))
            }
            Step::Trim(id, owner, position) => {
                let trim = store.trim(&named(id), &owned_by(owner), &HISTORY, position);
                or_failed(trim, |()| "trimmed".to_owned())
            }
            Step::Range(id, owner, from, to) => {
                let range = store.range(&named(id), &owned_by(owner), &HISTORY, from..to);
                or_failed(range, |items| {
                    let of: Vec<_> = items.items.iter().map(|item| item.to_vec()).collect();
                    format!("{} {of:?} {}", items.first, items.end)
                })
            }
            Step::Rotate(id, owner, to, other) => {
                let mut rotation = Rotation::new(named(to), owned_by(other), timeouts());
                rotation.write = write;
                let rotate = store.rotate(&named(id), &owned_by(owner), rotation);
                or_failed(rotate, |record| shown(&record))
            }
            Step::Delete(id) => store.delete(&named(id)).to_string(),
            Step::DeleteAll(owner, except) => {
                let except = except.map(named);
                let deleted = store.delete_all_of(&owned_by(owner), except.as_ref());
                let mut ids: Vec<u8> =
                    deleted.iter().map(|id| id.as_str().parse().unwrap()).collect();
                ids.sort_unstable();
                format!("{ids:?}")
            }
            Step::List(owner) => {
                let listed = store.list_of(&owned_by(owner));
                assert!(listed.is_sorted_by_key(|info| std::cmp::Reverse(info.age)));
                let show = |info: &SessionInfo| {
                    let id = info.id.as_str().parse::<u8>().unwrap();
                    (info.age.as_secs(), id, info.expires_in.as_secs())
                };
                let mut listed: Vec<_> = listed.iter().map(show).collect();
                listed.sort();
                format!("{listed:?}")
            }
            Step::Prune => {
                store.prune();
                String::new()
            }
            Step::Pass(seconds) => {
                tokio::time::advance(Duration::from_secs(seconds)).await;
                String::new()
            }
            Step::Again => String::new(),
        }
    }
}

async fn compare(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut limits = Limits::default();
    limits.sessions_per_owner = PER_OWNER;
    limits.sessions = ALL;
    let mut real = Real { store: MemoryStore::new(limits), write: WriteId::new() };
    let mut model = Model::default();
    let mut last: Option<(&Step, String)> = None;
    for step in steps {
        if let Step::Again = step {
            if let Some((step, answer)) = &last {
                let again = real.run(step).await;
                prop_assert_eq!(&again, answer, "{:?} again", step);
            }
            continue;
        }
        real.write = WriteId::new();
        let (expected, answer) = (model.run(step), real.run(step).await);
        prop_assert_eq!(&answer, &expected, "{:?}", step);
        last = match step {
            Step::Create(..) | Step::Update(..) | Step::Append(..) | Step::Rotate(..) => {
                Some((step, answer))
            }
            _ => None,
        };
        prop_assert!(real.store.len() <= ALL);
    }
    model.expire();
    real.store.prune();
    prop_assert_eq!(real.store.len(), model.sessions.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_steps_in_any_order_have_the_answers_of_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(compare(&steps))?;
    }
}
