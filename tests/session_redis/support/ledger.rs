//! Who has been told what: each acknowledged append is there once, each refused one is not, and of
//! each in doubt there is one or none.

use request_context::SessionId;
use request_context::owner::Owner;
use request_context::session::NewSession;
use request_context::session::SessionStore;
use request_context::session::Timeouts;
use request_context::session::WriteId;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    At(u64),
    Doubt,
    Refused,
}

/// What came of each item, by the place of its session.
pub(crate) type Ledger = HashMap<String, (usize, Fate)>;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) acknowledged: usize,
    pub(crate) retried: usize,
    pub(crate) doubt: usize,
    pub(crate) refused: usize,
}

/// Sessions of users, and tasks that append to them until told to stop.
pub(crate) struct Load {
    pub(crate) users: Arc<Vec<(SessionId, Owner)>>,
    stop: Arc<AtomicBool>,
    answers: Arc<watch::Sender<Answers>>,
    tasks: Vec<JoinHandle<(Ledger, Tally)>>,
}

/// What came of the appends so far.
#[derive(Clone, Copy, Default)]
struct Answers {
    done: u64,
    failed: u64,
}

pub(crate) async fn users(store: &dyn SessionStore, count: usize) -> Vec<(SessionId, Owner)> {
    let mut users = Vec::new();
    for n in 0..count {
        let owner = Owner::user(format!("user-{n}").parse().unwrap());
        let id: SessionId = format!("session-{n}").parse().unwrap();
        let new = NewSession::new(owner.clone(), Timeouts::default());
        store.create(&id, new.with_data(n.to_string().into())).await.unwrap();
        users.push((id, owner));
    }
    users
}

impl Load {
    pub(crate) async fn start<S: SessionStore + Clone>(
        store: &S,
        count: usize,
        tasks: usize,
    ) -> Self {
        let users = Arc::new(users(store, count).await);
        let stop = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(watch::Sender::default());
        let tasks = (0..tasks)
            .map(|task| {
                let (store, users, stop) = (store.clone(), Arc::clone(&users), Arc::clone(&stop));
                tokio::spawn(append(task, store, users, stop, Arc::clone(&answers)))
            })
            .collect();
        Self { users, stop, answers, tasks }
    }

    /// Waits until so many appends more are acknowledged.
    pub(crate) async fn goes_on(&self, appends: u64) {
        let mut answers = self.answers.subscribe();
        let enough = answers.borrow().done + appends;
        answers.wait_for(|now| now.done >= enough).await.unwrap();
    }

    /// Waits until so many appends more have failed.
    pub(crate) async fn fails(&self, appends: u64) {
        let mut answers = self.answers.subscribe();
        let enough = answers.borrow().failed + appends;
        answers.wait_for(|now| now.failed >= enough).await.unwrap();
    }

    /// Stops, and compares what is there with what was told.
    pub(crate) async fn settle(self, store: &dyn SessionStore) -> Tally {
        self.stop.store(true, SeqCst);
        let (mut ledger, mut tally) = (Ledger::new(), Tally::default());
        for task in self.tasks {
            let (of_task, tally_of_task) = task.await.unwrap();
            ledger.extend(of_task);
            tally.retried += tally_of_task.retried;
        }
        let mut there: BTreeMap<String, Vec<(usize, u64)>> = BTreeMap::new();
        for (place, (id, owner)) in self.users.iter().enumerate() {
            let record = store.load(id).await.unwrap().expect("the session is lost");
            assert_eq!(record.data, place.to_string(), "crossed");
            let list = "history".parse().unwrap();
            let items = store.range(id, owner, &list, 0..u64::MAX).await.unwrap();
            assert_eq!(u64::try_from(items.items.len()), Ok(items.end));
            for (position, item) in items.items.into_iter().enumerate() {
                let item = String::from_utf8(item.into()).unwrap();
                there.entry(item).or_default().push((place, u64::try_from(position).unwrap()));
            }
        }
        for (item, (place, fate)) in &ledger {
            let found = there.remove(item).unwrap_or_default();
            match fate {
                Fate::At(position) => {
                    assert_eq!(found, [(*place, *position)], "{item} was acknowledged");
                    tally.acknowledged += 1;
                }
                Fate::Doubt => {
                    assert!(found.len() <= 1, "{item}, in doubt, is at {found:?}");
                    assert!(found.iter().all(|(found, _)| found == place), "{item} has crossed");
                    tally.doubt += 1;
                }
                Fate::Refused => {
                    assert!(found.is_empty(), "{item}, refused, is at {found:?}");
                    tally.refused += 1;
                }
            }
        }
        assert!(there.is_empty(), "nobody has appended {there:?}");
        tally
    }
}

async fn append<S: SessionStore>(
    task: usize,
    store: S,
    users: Arc<Vec<(SessionId, Owner)>>,
    stop: Arc<AtomicBool>,
    answers: Arc<watch::Sender<Answers>>,
) -> (Ledger, Tally) {
    let (mut ledger, mut tally) = (Ledger::new(), Tally::default());
    let list = "history".parse().unwrap();
    let mut n = 0;
    while !stop.load(SeqCst) {
        let place = (n * 7 + task) % users.len();
        let ((id, owner), item) = (&users[place], format!("{place}:{task}-{n}"));
        let write = WriteId::new();
        let mut in_doubt = false;
        let fate = loop {
            let answer = store.append(id, owner, &list, item.clone().into(), write).await;
            answers.send_modify(|answers| match answer {
                Ok(_) => answers.done += 1,
                Err(_) => answers.failed += 1,
            });
            match answer {
                Ok(append) => break Fate::At(append.position),
                Err(error) if error.is_unavailable() && !in_doubt => break Fate::Refused,
                // Every other doubt is left as it is; the others are asked again until it is cleared.
                Err(error) if error.is_in_doubt() && n % 2 == 0 && !in_doubt => break Fate::Doubt,
                Err(error) if error.is_in_doubt() || error.is_unavailable() => {
                    in_doubt = true;
                    tally.retried += 1;
                    sleep(Duration::from_millis(20)).await;
                }
                Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
            }
        };
        if !matches!(fate, Fate::At(_)) {
            sleep(Duration::from_millis(5)).await;
        }
        ledger.insert(item, (place, fate));
        n += 1;
    }
    (ledger, tally)
}
