//! The explicit word for state that all may see.

use crate::support::request;
use request_context::owner::Shared;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

static SERVED: Shared<AtomicU64> = Shared::new(AtomicU64::new(0));
static NAMES: Shared<Mutex<Vec<String>>> = Shared::new(Mutex::new(Vec::new()));

#[test]
fn shared_state_is_the_same_for_all_and_needs_no_context() {
    SERVED.fetch_add(1, Ordering::Relaxed);
    request("ada", "").sync_scope(|| SERVED.fetch_add(1, Ordering::Relaxed));
    assert_eq!(SERVED.load(Ordering::Relaxed), 2);
    NAMES.lock().unwrap().push("all".to_owned());
    assert_eq!(Shared::new(vec![1]).into_inner(), [1]);
}
