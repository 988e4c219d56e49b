//! A store that counts what it is asked, and fails when it is told to.

use crate::forward::forward;
use request_context::session::MemoryStore;
use request_context::session::SessionStore;
use request_context::session::StoreError;
use request_context::session::StoreFuture;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

type Fault = fn() -> StoreError;

#[derive(Clone, Default)]
pub(crate) struct Watched {
    pub(crate) memory: MemoryStore,
    asked: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Watched {
    /// How often it was asked since the last call.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn fail(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn inner(&self) -> &dyn SessionStore {
        &self.memory
    }

    fn hand_on<'a, T: 'a>(
        &'a self,
        _: &'static str,
        answer: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match *self.fault.lock().unwrap() {
            Some(fault) => Box::pin(async move { Err(fault()) }),
            None => answer,
        }
    }
}

impl SessionStore for Watched {
    forward! {
        create load touch update append range trim rotate delete successor delete_all_of list_of prune
    }
}
