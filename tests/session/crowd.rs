//! Thousands of sessions in the store in memory, in a long life, beside a plain map: what stands in
//! batches, rings and chains there gets full, wraps around and is used again.

use super::support::*;
use bytes::Bytes;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::*;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::advance;

const IDS: u64 = 3000;
const OWNERS: u64 = 200;
const PER_OWNER: usize = 12;
const ALL: usize = 1500;
const UPDATES_KNOWN: usize = 32;
const CREATE_KNOWN: Duration = Duration::from_secs(60);
const SUCCESSOR_KNOWN: Duration = Duration::from_secs(120);

/// Numbers that are the same in each run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    /// From a millisecond to a minute; the short ones are as frequent as the long ones.
    fn span(&mut self) -> Duration {
        let most = [10, 100, 1_000, 10_000, 60_000][self.below(5) as usize];
        Duration::from_millis(1 + self.below(most)) + Duration::from_nanos(self.below(1_000_000))
    }

    /// Around the lengths at which it is kept elsewhere.
    fn data(&mut self) -> Bytes {
        let length = [0, 1, 50, 101, 102, 103, 300][self.below(7) as usize];
        Bytes::from(vec![self.below(256) as u8; length])
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Made {
    Create(WriteId),
    Rotation(u64, WriteId),
}

#[derive(Clone)]
struct Session {
    owner: u64,
    data: Bytes,
    updates: Vec<WriteId>,
    items: Vec<WriteId>,
    began: Instant,
    idle: Duration,
    ends: Instant,
    expires: Instant,
    made: Made,
}

#[derive(Clone, Debug)]
enum Write {
    Create(u64, NewSession),
    Update(u64, u64, Version, Bytes, WriteId),
    Append(u64, u64, WriteId),
    Rotate(u64, u64, u64, Rotation),
}

#[derive(Debug, PartialEq)]
enum Answer {
    Record(Box<Record>),
    Update(Update),
    Append(Append),
    Exists,
    Gone,
    Mismatch,
    Full(&'static str),
}

impl From<StoreError> for Answer {
    fn from(error: StoreError) -> Self {
        match error.limit() {
            Some(limit) => Self::Full(limit),
            None if error.is_gone() => Self::Gone,
            None if error.is_owner_mismatch() => Self::Mismatch,
            None => Self::Exists,
        }
    }
}

fn named(id: u64) -> SessionId {
    id.to_string().parse().unwrap()
}

fn owned_by(number: u64) -> Owner {
    if number == 0 { Owner::nobody() } else { owner(&number.to_string()) }
}

fn number_of(owner: &Owner) -> u64 {
    owner.user_id().map_or(0, |user| user.as_str().parse().unwrap())
}

impl Session {
    fn new(owner: u64, data: Bytes, timeouts: Timeouts, made: Made) -> Self {
        let (now, idle) = (Instant::now(), timeouts.idle());
        let (ends, expires) = (now + timeouts.absolute(), now + idle);
        let (updates, items) = Default::default();
        Self { owner, data, updates, items, began: now, idle, ends, expires, made }
    }

    fn version(&self) -> Version {
        Version::new(1 + self.updates.len() as u64)
    }

    fn left(&self) -> Duration {
        self.expires - Instant::now()
    }

    fn touch(&mut self) {
        self.expires = self.expires.max((Instant::now() + self.idle).min(self.ends));
    }

    fn record(&self, id: u64) -> Record {
        let (data, age) = (self.data.clone(), self.began.elapsed());
        Record::new(named(id), owned_by(self.owner), self.version(), data, age, self.left())
    }
}

#[derive(Default)]
struct Model {
    sessions: BTreeMap<u64, Session>,
    successors: BTreeMap<u64, (u64, Instant)>,
    /// When each write has made its session, if it has.
    created: HashMap<WriteId, Instant>,
}

impl Model {
    fn live(&mut self, id: u64) -> Option<&mut Session> {
        self.sessions.get_mut(&id).filter(|session| session.expires > Instant::now())
    }

    fn owned(&mut self, id: u64, owner: u64) -> Result<&mut Session, Answer> {
        let session = self.live(id).ok_or(Answer::Gone)?;
        if session.owner == owner { Ok(session) } else { Err(Answer::Mismatch) }
    }

    fn of(&self, owner: u64) -> impl Iterator<Item = (u64, &Session)> {
        let now = Instant::now();
        let of = self.sessions.iter().filter(move |(_, s)| s.owner == owner && s.expires > now);
        of.map(|(id, session)| (*id, session)).filter(move |_| owner > 0)
    }

    fn expire(&mut self) {
        let now = Instant::now();
        self.sessions.retain(|_, session| session.expires > now);
    }

    fn write(&mut self, write: &Write) -> Result<Answer, Answer> {
        match write {
            Write::Create(id, new) => self.create(*id, new),
            Write::Update(id, owner, expected, data, write) => {
                let session = self.owned(*id, *owner)?;
                let mut known = session.updates.iter().rev().take(UPDATES_KNOWN);
                let ago = known.position(|known| known == write);
                if ago.is_none() && session.version() != *expected {
                    let now = Box::new(session.record(*id));
                    return Ok(Answer::Update(Update::Conflict(now)));
                }
                session.touch();
                if ago.is_none() {
                    session.updates.push(*write);
                    session.data = data.clone();
                }
                let version = Version::new(session.version().get() - ago.unwrap_or(0) as u64);
                Ok(Answer::Update(Update::Written(Written::new(version, session.left()))))
            }
            Write::Append(id, owner, write) => {
                let session = self.owned(*id, *owner)?;
                session.touch();
                let known = session.items.iter().position(|known| known == write);
                let position = known.unwrap_or_else(|| {
                    session.items.push(*write);
                    session.items.len() - 1
                });
                Ok(Answer::Append(Append::new(position as u64, session.left())))
            }
            Write::Rotate(id, owner, to, rotation) => self.rotate(*id, *owner, *to, rotation),
        }
    }

    fn create(&mut self, id: u64, new: &NewSession) -> Result<Answer, Answer> {
        let (owner, made) = (number_of(&new.owner), Made::Create(new.write));
        if let Some(session) = self.live(id) {
            let is_retry = session.made == made;
            return is_retry
                .then(|| Answer::Record(Box::new(session.record(id))))
                .ok_or(Answer::Exists);
        }
        if self.created.contains_key(&new.write) {
            return Err(Answer::Gone);
        }
        if self.of(owner).count() >= PER_OWNER {
            return Err(Answer::Full("sessions_per_owner"));
        }
        self.expire();
        if self.sessions.len() >= ALL {
            return Err(Answer::Full("sessions"));
        }
        let session = Session::new(owner, new.data.clone(), new.timeouts, made);
        let record = session.record(id);
        self.sessions.insert(id, session);
        self.created.insert(new.write, Instant::now());
        Ok(Answer::Record(Box::new(record)))
    }

    /// Whether it is known of the write whether it has happened.
    fn can_retry(&self, write: &Write) -> bool {
        let Write::Create(_, new) = write else { return true };
        self.created.get(&new.write).is_none_or(|at| at.elapsed() < CREATE_KNOWN)
    }

    fn rotate(&mut self, id: u64, of: u64, to: u64, by: &Rotation) -> Result<Answer, Answer> {
        let (owner, made) = (number_of(&by.owner), Made::Rotation(id, by.write));
        let taken = self.live(to).map(|it| (it.made == made && it.owner == owner, it.record(to)));
        if let Some((true, record)) = taken {
            return Ok(Answer::Record(Box::new(record)));
        }
        let mut session = self.owned(id, of)?.clone();
        if taken.is_some() {
            return Err(Answer::Exists);
        }
        if of != owner && self.of(owner).count() >= PER_OWNER {
            return Err(Answer::Full("sessions_per_owner"));
        }
        if of == owner {
            session.made = made;
            self.successors.insert(id, (to, Instant::now() + SUCCESSOR_KNOWN));
        } else {
            session = Session::new(owner, Bytes::new(), by.timeouts, made);
        }
        let record = session.record(to);
        self.sessions.remove(&id);
        self.sessions.insert(to, session);
        Ok(Answer::Record(Box::new(record)))
    }
}

fn write(store: &MemoryStore, write: &Write) -> Result<Answer, Answer> {
    let record = |record| Answer::Record(Box::new(record));
    Ok(match write.clone() {
        Write::Create(id, new) => record(store.create(&named(id), new)?),
        Write::Update(id, owner, expected, data, write) => {
            Answer::Update(store.update(&named(id), &owned_by(owner), expected, data, write)?)
        }
        Write::Append(id, owner, write) => {
            let item = Bytes::from_static(b"item");
            Answer::Append(store.append(&named(id), &owned_by(owner), &HISTORY, item, write)?)
        }
        Write::Rotate(id, owner, _, by) => {
            record(store.rotate(&named(id), &owned_by(owner), by)?)
        }
    })
}

/// A write that most often makes sense.
fn any_write(random: &mut Random, model: &mut Model) -> Write {
    let any = random.below(IDS);
    let id = model.sessions.range(any..).next().map_or(any, |(id, _)| *id);
    let owner = match model.live(id) {
        Some(session) if random.below(20) > 0 => session.owner,
        _ => random.below(OWNERS),
    };
    let timeouts = Timeouts::new(random.span(), random.span() * 4);
    match random.below(10) {
        0..4 => {
            let new = NewSession::new(owned_by(random.below(OWNERS)), timeouts);
            Write::Create(any, new.with_data(random.data()))
        }
        4..7 => {
            let version = model.live(id).map_or(Version::FIRST, |session| session.version());
            let is_late = random.below(8) == 0;
            let version = if is_late { Version::FIRST } else { version };
            Write::Update(id, owner, version, random.data(), WriteId::new())
        }
        7 => Write::Append(id, owner, WriteId::new()),
        _ => {
            let next = if random.below(3) > 0 { owner } else { random.below(OWNERS) };
            let to = random.below(IDS);
            Write::Rotate(id, owner, to, Rotation::new(named(to), owned_by(next), timeouts))
        }
    }
}

async fn live_on(seed: u64, steps: usize) {
    let mut limits = Limits::default();
    (limits.sessions, limits.sessions_per_owner) = (ALL, PER_OWNER);
    let (store, mut model, mut random) = (MemoryStore::new(limits), Model::default(), Random(seed));
    let mut writes = Vec::new();
    for step in 0..steps {
        match random.below(100) {
            0..70 => {
                let new = any_write(&mut random, &mut model);
                assert_eq!(write(&store, &new), model.write(&new), "step {step}: {new:?}");
                writes.push(new);
            }
            // One of the last writes once more.
            70..80 if !writes.is_empty() => {
                let ago = random.below(writes.len().min(50) as u64) as usize;
                let again = &writes[writes.len() - 1 - ago];
                if model.can_retry(again) {
                    assert_eq!(write(&store, again), model.write(again), "step {step}: {again:?}");
                }
            }
            80..84 => {
                let id = random.below(IDS);
                let touched = model.live(id).map(|session| {
                    session.touch();
                    session.record(id)
                });
                assert_eq!(store.touch(&named(id)), touched, "step {step}: touch {id}");
            }
            84..88 => {
                let id = random.below(IDS);
                let was_there = model.live(id).is_some();
                model.sessions.remove(&id);
                assert_eq!(store.delete(&named(id)), was_there, "step {step}: delete {id}");
            }
            88 => {
                let (owner, except) = (1 + random.below(OWNERS - 1), random.below(IDS));
                let mut of: Vec<_> = model.of(owner).map(|(id, _)| id).collect();
                of.retain(|id| *id != except);
                of.iter().for_each(|id| drop(model.sessions.remove(id)));
                let deleted = store.delete_all_of(&owned_by(owner), Some(&named(except)));
                let deleted: BTreeSet<_> = deleted.into_iter().collect();
                assert_eq!(
                    deleted,
                    of.into_iter().map(named).collect(),
                    "step {step}: delete all of {owner}"
                );
            }
            // Up to the very end of the next one.
            89..92 => {
                let now = Instant::now();
                let all = model.sessions.iter().filter(|(_, session)| session.expires > now);
                let next = all.min_by_key(|(_, session)| session.expires);
                if let Some((id, session)) = next.map(|(id, session)| (*id, session.clone())) {
                    advance(session.left() - Duration::from_nanos(1)).await;
                    assert_eq!(store.load(&named(id)), Some(session.record(id)), "step {step}");
                    advance(Duration::from_nanos(1)).await;
                    assert_eq!(store.load(&named(id)), None, "step {step}: {id} has expired");
                }
            }
            92..94 => advance(Duration::from_micros(random.below(20_000))).await,
            _ => {
                let (id, now) = (random.below(IDS), Instant::now());
                let known = model.successors.get(&id).filter(|(_, until)| now < *until);
                let successor = known.map(|(next, _)| named(*next));
                assert_eq!(store.successor(&named(id)), successor, "step {step}: after {id}");
            }
        }
        if step % 2000 == 1999 {
            compare(&store, &mut model);
        }
    }
    compare(&store, &mut model);
    advance(Timeouts::MAX).await;
    store.prune();
    assert_eq!(format!("{store:?}"), "MemoryStore { sessions: 0, owners: 0 }");
}

fn compare(store: &MemoryStore, model: &mut Model) {
    for id in 0..IDS {
        assert_eq!(store.load(&named(id)), model.live(id).map(|session| session.record(id)));
    }
    for owner in 1..OWNERS {
        let listed = store.list_of(&owned_by(owner));
        let mut listed: Vec<_> = listed.into_iter().map(|i| (i.id, i.age, i.expires_in)).collect();
        let of = model.of(owner).map(|(id, s)| (named(id), s.began.elapsed(), s.left()));
        let mut of: Vec<_> = of.collect();
        listed.sort();
        of.sort();
        assert_eq!(listed, of, "of {owner}");
    }
    model.expire();
    store.prune();
    assert_eq!(store.len(), model.sessions.len());
}

#[tokio::test(start_paused = true)]
async fn a_long_life_of_many_sessions_has_the_answers_of_a_map() {
    for seed in 1..4 {
        live_on(seed, 20_000).await;
    }
}
