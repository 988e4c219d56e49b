//! The floor: a plain map behind one lock. What it grows by is the hardware's doing.

use super::DATA;
use super::Store;
use super::id;
use super::scattered;
use bytes::Bytes;
use request_context::SessionId;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

pub struct Plain {
    ids: Vec<SessionId>,
    /// What each is rotated to, and back from.
    others: Vec<SessionId>,
    data: Mutex<HashMap<SessionId, Bytes>>,
    lists: Mutex<HashMap<SessionId, Vec<Bytes>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for Plain {
    const NAME: &'static str = "a plain HashMap";
    const OWN_BYTES: usize = 2 * size_of::<SessionId>();
    type Scratch = ();

    fn new(sessions: usize, _: Duration) -> Self {
        let [ids, others] =
            [0, 1].map(|which| (0..sessions).map(|number| id(number, which)).collect::<Vec<_>>());
        let data = scattered(sessions)
            .map(|number| (ids[number].clone(), Bytes::copy_from_slice(DATA)))
            .collect();
        Self { ids, others, data: Mutex::new(data), lists: Mutex::default() }
    }

    fn load(&self, session: usize) -> bool {
        lock(&self.data).get(&self.ids[session]).cloned().is_some()
    }

    fn update(&self, session: usize, (): &mut ()) {
        lock(&self.data).insert(self.ids[session].clone(), Bytes::copy_from_slice(DATA));
    }

    fn append(&self, session: usize, (): &mut ()) {
        let item = Bytes::copy_from_slice(DATA);
        let mut lists = lock(&self.lists);
        if let Some(list) = lists.get_mut(&self.ids[session]) {
            list.push(item);
        } else {
            lists.insert(self.ids[session].clone(), vec![item]);
        }
    }

    fn rotate_twice(&self, session: usize, (): &mut ()) {
        let (one, other) = (&self.ids[session], &self.others[session]);
        for (from, to) in [(one, other), (other, one)] {
            let mut all = lock(&self.data);
            let data = all.remove(from).expect("the session is there");
            all.insert(to.clone(), data);
        }
    }

    fn expire(&self) {
        lock(&self.data).clear();
    }
}
