//! The suite bites: each way of breaking a store is caught by the rule that names it.

use crate::support::Harness;
use crate::support::Server;
use bytes::Bytes;
use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::Append;
use request_context::session::Items;
use request_context::session::Limits;
use request_context::session::ListName;
use request_context::session::NewSession;
use request_context::session::Record;
use request_context::session::Rotation;
use request_context::session::SessionInfo;
use request_context::session::SessionStore;
use request_context::session::StoreError;
use request_context::session::StoreFuture;
use request_context::session::Timeouts;
use request_context::session::Update;
use request_context::session::Version;
use request_context::session::WriteId;
use request_context::testing::store_suite::HarnessFuture;
use request_context::testing::store_suite::StoreHarness;
use request_context::testing::store_suite::store_rules;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Nothing is known of earlier writes.
    ForgetsWrites,
    LosesData,
    ReplacesOnCreate,
    IgnoresCase,
    EndsAtZero,
    /// Whoever writes last is right.
    Overwrites,
    LosesAnAppend,
    ShiftsPositions,
    MixesLists,
    GivesAllItems,
    NeverTrims,
    NeverAsksWhose,
    ListsNewestFirst,
    ListsTheOld,
    BringsBack,
    DeletesTheException,
    DeletesOneByOne,
    LivesLonger,
    LoadIsAUse,
    NoAbsolute,
    RotatesByCopy,
    RotateKeepsTheOld,
    RotateLosesLists,
    RotateTakesDataAlong,
    RotateWithoutLook,
    NoLimits,
    MakesRoom,
    PrunesAll,
    InTwoSteps,
    /// The items of an earlier session of the ID are there.
    Haunted,
    /// The successor of each is the latest session that was made.
    FollowsAnother,
}

/// A store that works, but for one thing.
struct Broken {
    store: Arc<dyn SessionStore>,
    how: How,
    made: Mutex<Vec<SessionId>>,
}

impl Broken {
    fn is(&self, how: How) -> bool {
        self.how == how
    }

    fn id(&self, id: &SessionId) -> SessionId {
        if self.is(How::IgnoresCase) {
            id.as_str().to_lowercase().parse().unwrap()
        } else {
            id.clone()
        }
    }

    fn write(&self, write: WriteId) -> WriteId {
        if self.is(How::ForgetsWrites) { WriteId::new() } else { write }
    }

    /// The owner that is named, or whoever it is.
    async fn owner(&self, id: &SessionId, owner: &Owner) -> Owner {
        let record =
            if self.is(How::NeverAsksWhose) { self.store.load(id).await.unwrap() } else { None };
        record.map_or(owner.clone(), |record| record.owner)
    }

    async fn bring_back(&self, id: &SessionId, owner: &Owner) {
        if self.is(How::BringsBack) {
            let new = NewSession::new(owner.clone(), Timeouts::default());
            let _ = self.store.create(id, new).await;
        }
    }

    fn timeouts(&self, timeouts: Timeouts) -> Timeouts {
        match self.how {
            How::LivesLonger => Timeouts::new(timeouts.idle() * 2, timeouts.absolute() * 2),
            How::NoAbsolute => Timeouts::new(timeouts.idle(), Timeouts::MAX),
            _ => timeouts,
        }
    }
}

impl SessionStore for Broken {
    fn create<'a>(&'a self, id: &'a SessionId, mut new: NewSession) -> StoreFuture<'a, Record> {
        Box::pin(async move {
            let id = &self.id(id);
            new.write = self.write(new.write);
            new.timeouts = self.timeouts(new.timeouts);
            self.made.lock().unwrap().push(id.clone());
            let (data, owner) = (new.data.clone(), new.owner.clone());
            if self.is(How::LosesData) || self.is(How::InTwoSteps) {
                new.data = Bytes::new();
            }
            let mut made = self.store.create(id, new.clone()).await;
            if self.is(How::ReplacesOnCreate) && made.as_ref().is_err_and(StoreError::is_exists) {
                self.store.delete(id).await?;
                made = self.store.create(id, new.clone()).await;
            }
            if self.is(How::MakesRoom) && made.as_ref().is_err_and(StoreError::is_capacity) {
                let oldest = self.store.list_of(&owner).await?.remove(0).id;
                self.store.delete(&oldest).await?;
                made = self.store.create(id, new).await;
            }
            let mut made = made?;
            let ids = self.made.lock().unwrap().clone();
            if self.is(How::Haunted) && ids.iter().filter(|made| *made == id).count() > 1 {
                let (list, write) = ("history".parse().unwrap(), WriteId::new());
                self.store.append(id, &owner, &list, "secret".into(), write).await?;
            }
            if self.is(How::InTwoSteps) {
                let write = WriteId::new();
                self.store.update(id, &owner, made.version, data.clone(), write).await?;
                made.data = data;
            }
            Ok(made)
        })
    }

    fn load<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            let id = &self.id(id);
            if self.is(How::LoadIsAUse) {
                return self.store.touch(id).await;
            }
            let mut record = self.store.load(id).await?;
            if let Some(record) = record.as_mut().filter(|_| self.is(How::EndsAtZero)) {
                let end = record.data.iter().position(|byte| *byte == 0);
                record.data.truncate(end.unwrap_or(record.data.len()));
            }
            Ok(record)
        })
    }

    fn touch<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<Record>> {
        self.store.touch(id)
    }

    fn update<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Update> {
        Box::pin(async move {
            let (id, owner, write) =
                (&self.id(id), &self.owner(id, owner).await, self.write(write));
            self.bring_back(id, owner).await;
            if self.is(How::InTwoSteps) {
                let half = self.store.update(id, owner, expected, "half".into(), write).await?;
                let Update::Written(half) = half else { return Ok(half) };
                let write = WriteId::new();
                return self.store.update(id, owner, half.version, data, write).await;
            }
            let mut expected = expected;
            loop {
                match self.store.update(id, owner, expected, data.clone(), write).await? {
                    Update::Conflict(now) if self.is(How::Overwrites) => expected = now.version,
                    update => return Ok(update),
                }
            }
        })
    }

    fn append<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        item: Bytes,
        write: WriteId,
    ) -> StoreFuture<'a, Append> {
        Box::pin(async move {
            let (id, owner, write) =
                (&self.id(id), &self.owner(id, owner).await, self.write(write));
            self.bring_back(id, owner).await;
            let one = "one".parse().unwrap();
            let list = if self.is(How::MixesLists) { &one } else { list };
            let mut append = self.store.append(id, owner, list, item.clone(), write).await?;
            if self.is(How::LosesAnAppend) && append.position == 300 {
                self.store.trim(id, owner, list, 1).await?;
            }
            if self.is(How::ShiftsPositions) {
                append.position += 1;
            }
            Ok(append)
        })
    }

    fn range<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        mut positions: Range<u64>,
    ) -> StoreFuture<'a, Items> {
        Box::pin(async move {
            let (id, owner) = (&self.id(id), &self.owner(id, owner).await);
            if self.is(How::GivesAllItems) {
                positions = 0..u64::MAX;
            }
            let one = "one".parse().unwrap();
            let list = if self.is(How::MixesLists) { &one } else { list };
            self.store.range(id, owner, list, positions).await
        })
    }

    fn trim<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        list: &'a ListName,
        position: u64,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let owner = &self.owner(id, owner).await;
            let position = if self.is(How::NeverTrims) { 0 } else { position };
            self.store.trim(id, owner, list, position).await
        })
    }

    fn rotate<'a>(
        &'a self,
        id: &'a SessionId,
        owner: &'a Owner,
        mut rotation: Rotation,
    ) -> StoreFuture<'a, Record> {
        Box::pin(async move {
            let owner = &self.owner(id, owner).await;
            rotation.write = self.write(rotation.write);
            rotation.timeouts = self.timeouts(rotation.timeouts);
            let new = |data| {
                let mut new = NewSession::new(rotation.owner.clone(), Timeouts::default());
                new.write = rotation.write;
                new.with_data(data)
            };
            let before = self.store.load(id).await?;
            let data = before.as_ref().map(|before| before.data.clone()).unwrap_or_default();
            match self.how {
                How::RotateTakesDataAlong => {
                    let made = self.store.rotate(id, owner, rotation.clone()).await?;
                    let (next, write) = (&rotation.id, WriteId::new());
                    self.store.update(next, &rotation.owner, made.version, data, write).await?;
                    Ok(self.store.load(next).await?.unwrap())
                }
                How::RotatesByCopy if before.is_some() => {
                    let made = self.store.create(&rotation.id, new(data)).await?;
                    let list = "history".parse().unwrap();
                    for item in self.store.range(id, owner, &list, 0..u64::MAX).await?.items {
                        let write = WriteId::new();
                        self.store
                            .append(&rotation.id, &rotation.owner, &list, item, write)
                            .await?;
                    }
                    self.store.delete(id).await?;
                    Ok(made)
                }
                How::RotateLosesLists | How::InTwoSteps if before.is_some() => {
                    self.store.delete(id).await?;
                    self.store.create(&rotation.id, new(data)).await
                }
                How::RotateKeepsTheOld if before.is_some() => {
                    self.store.create(&rotation.id, new(data)).await
                }
                How::RotateWithoutLook => {
                    self.store.delete(&rotation.id).await?;
                    self.store.rotate(id, owner, rotation).await
                }
                _ => self.store.rotate(id, owner, rotation).await,
            }
        })
    }

    fn delete<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            if let Some(record) = self.store.load(id).await?.filter(|_| self.is(How::InTwoSteps)) {
                let list = "history".parse().unwrap();
                self.store.trim(id, &record.owner, &list, u64::MAX).await?;
            }
            self.store.delete(id).await
        })
    }

    fn successor<'a>(&'a self, id: &'a SessionId) -> StoreFuture<'a, Option<SessionId>> {
        Box::pin(async move {
            if self.is(How::FollowsAnother) {
                return Ok(self.made.lock().unwrap().last().cloned());
            }
            self.store.successor(id).await
        })
    }

    fn delete_all_of<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a SessionId>,
    ) -> StoreFuture<'a, Vec<SessionId>> {
        let except = except.filter(|_| !self.is(How::DeletesTheException));
        if !self.is(How::DeletesOneByOne) {
            return self.store.delete_all_of(owner, except);
        }
        Box::pin(async move {
            let mut deleted = Vec::new();
            for info in self.store.list_of(owner).await? {
                tokio::time::sleep(Duration::from_millis(1)).await;
                if Some(&info.id) != except && self.store.delete(&info.id).await? {
                    deleted.push(info.id);
                }
            }
            Ok(deleted)
        })
    }

    fn list_of<'a>(&'a self, owner: &'a Owner) -> StoreFuture<'a, Vec<SessionInfo>> {
        Box::pin(async move {
            let mut infos = self.store.list_of(owner).await?;
            match self.how {
                How::ListsNewestFirst => infos.reverse(),
                How::ListsTheOld => {
                    infos.extend(self.made.lock().unwrap().iter().take(1).map(|id| {
                        SessionInfo::new(id.clone(), Duration::ZERO, Duration::from_secs(1))
                    }));
                }
                _ => {}
            }
            Ok(infos)
        })
    }

    fn prune(&self) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let made = self.made.lock().unwrap().clone();
            for id in made.iter().filter(|_| self.is(How::PrunesAll)) {
                self.store.delete(id).await?;
            }
            Ok(0)
        })
    }
}

struct BrokenHarness {
    works: Arc<Harness>,
    how: How,
}

impl StoreHarness for BrokenHarness {
    fn store(&self, limits: Limits) -> HarnessFuture<'_, Arc<dyn SessionStore>> {
        Box::pin(async move {
            let mut all = Limits::default();
            (all.record_bytes, all.item_bytes, all.lists) = (1 << 20, 1 << 20, 1000);
            let limits = if self.how == How::NoLimits { all } else { limits };
            let store = self.works.store(limits).await;
            Arc::new(Broken { store, how: self.how, made: Mutex::default() }) as _
        })
    }

    fn pass(&self, time: Duration) -> HarnessFuture<'_, ()> {
        self.works.pass(time)
    }

    fn tolerance(&self) -> Duration {
        self.works.tolerance()
    }

    fn counts_sessions(&self) -> bool {
        self.how == How::NoLimits
    }
}

const CAUGHT: &[(How, &str)] = &[
    (How::LosesData, "create: load gives the record that create gave"),
    (How::ReplacesOnCreate, "create: an ID that is taken is refused and nothing changes"),
    (How::ForgetsWrites, "create: a retry is answered by the same session"),
    (How::ForgetsWrites, "create: a retry after a delete brings nothing back"),
    (How::BringsBack, "load: what was never made is not there"),
    (How::EndsAtZero, "data: any bytes come back as they were"),
    (How::IgnoresCase, "ids: any that is legal names one session and no other"),
    (How::NeverAsksWhose, "owners: any that is legal is one owner and no other"),
    (How::InTwoSteps, "update: a write of the current version is there and counts"),
    (How::Overwrites, "update: a write of another version changes nothing and shows the record"),
    (How::ForgetsWrites, "update: a retry happens once"),
    (How::Overwrites, "update: 25 increments by each of 16 tasks are 400"),
    (How::ForgetsWrites, "update: a retry happens once, under concurrent writes"),
    (How::ShiftsPositions, "append: each item has the next position of its list"),
    (How::MixesLists, "append: lists and sessions are apart"),
    (How::LosesAnAppend, "append: of 64 tasks nothing is lost and nothing is doubled"),
    (How::ForgetsWrites, "append: of 64 tasks nothing is lost and nothing is doubled"),
    (How::ForgetsWrites, "append: a retry happens once"),
    (How::GivesAllItems, "range: the items at the positions, as many as there are"),
    (How::NeverTrims, "trim: the items before the position are gone and the others keep theirs"),
    (
        How::NeverAsksWhose,
        "owner: of somebody else's session nothing is shown and nothing is changed",
    ),
    (How::ListsTheOld, "owner: one without a user has no sessions to list or to count"),
    (How::ListsNewestFirst, "list_of: the owner's sessions, the oldest first"),
    (How::ListsTheOld, "list_of: follows rotations"),
    (How::BringsBack, "delete: the session is gone for every operation"),
    (How::BringsBack, "delete: no write of 64 tasks brings the session back"),
    (
        How::DeletesTheException,
        "delete_all_of: all of the owner but the exception, and nobody else's",
    ),
    (How::DeletesOneByOne, "delete_all_of: beside rotations leaves no session of the login"),
    (How::LivesLonger, "idle: the session is there before the deadline and gone from it on"),
    (How::LoadIsAUse, "idle: begins anew with each use, and with nothing else"),
    (How::NoAbsolute, "absolute: no use goes past it"),
    (How::BringsBack, "expiry: gone for every operation, and brought back by none"),
    (How::RotateLosesLists, "rotate: for the same owner data, lists, version and deadlines stay"),
    (How::RotateTakesDataAlong, "rotate: for another owner it begins empty and anew"),
    (How::RotateKeepsTheOld, "rotate: the old session is gone for every operation"),
    (How::ForgetsWrites, "rotate: a retry happens once"),
    (How::RotateWithoutLook, "rotate: one that is refused changes nothing"),
    (How::RotatesByCopy, "rotate: no acknowledged append or update is lost to it"),
    (How::RotatesByCopy, "rotate: of it and a delete one wins"),
    (How::RotatesByCopy, "rotate: of several one wins"),
    (How::NoLimits, "limits: record_bytes"),
    (How::NoLimits, "limits: item_bytes"),
    (How::NoLimits, "limits: lists"),
    (How::NoLimits, "limits: list_items"),
    (How::NoLimits, "limits: session_bytes"),
    (How::FollowsAnother, "successor: the session in its place for the same owner, or none"),
    (How::MakesRoom, "limits: sessions_per_owner"),
    (How::MakesRoom, "limits: sessions_per_owner counts what is there"),
    (How::NoLimits, "limits: sessions"),
    (How::PrunesAll, "prune: removes nothing that is there"),
    (How::InTwoSteps, "cancellation: of a create leaves all or nothing, and a retry is safe"),
    (How::InTwoSteps, "cancellation: of an update leaves old or new, and a retry is safe"),
    (How::ForgetsWrites, "cancellation: of an append leaves one item or none, and a retry is safe"),
    (How::InTwoSteps, "cancellation: of a rotate leaves the one or the other, and a retry is safe"),
    (How::InTwoSteps, "cancellation: of a delete leaves all or nothing"),
    (How::Haunted, "create: nothing of an earlier session of the ID is there"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_of_breaking_a_store_is_caught_by_its_rule() {
    let works = Arc::new(Harness { server: Server::start() });
    let mut missed = Vec::new();
    for (how, name) in CAUGHT {
        let rule = store_rules().iter().find(|rule| rule.name() == *name);
        let harness = BrokenHarness { works: Arc::clone(&works), how: *how };
        match rule.unwrap_or_else(|| panic!("no rule `{name}`")).check(&harness).await {
            Ok(()) => missed.push((how, name)),
            Err(fault) => assert_eq!(fault.rule(), *name),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:#?}");
    for rule in store_rules() {
        let name = rule.name();
        assert!(CAUGHT.iter().any(|(_, caught)| *caught == name), "nothing breaks `{name}`");
    }
}
