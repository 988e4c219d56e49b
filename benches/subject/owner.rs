//! State that knows whose it is, beside a map with a key.

use dashmap::DashMap;
use request_context::RequestContext;
use request_context::SessionId;
use request_context::owner::Owned;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Instant;

/// As many sessions as there are in each map.
const SESSIONS: [usize; 2] = [1_000, 100_000];

/// As long as one that the session layer makes.
fn session(number: usize) -> SessionId {
    format!("{number:043}").parse().expect("a legal session ID")
}

fn request(number: usize) -> RequestContext {
    let user = format!("user-{number}").parse().expect("a legal user ID");
    RequestContext::builder().user(user).session(session(number)).build()
}

pub fn measure(meter: &mut dyn Meter) {
    for sessions in SESSIONS {
        let (per_session, per_user) = (PerSession::<u64>::new(), PerUser::<u64>::new());
        let by_key = DashMap::<SessionId, u64>::new();
        let shared = DashMap::<SessionId, Arc<Mutex<u64>>>::new();
        let locked = Mutex::new(HashMap::<SessionId, u64>::new());
        for number in 0..sessions {
            request(number).sync_scope(|| {
                per_session.with(|value| *value = 1);
                per_user.with(|value| *value = 1);
            });
            by_key.insert(session(number), 1);
            shared.insert(session(number), Arc::new(Mutex::new(1)));
            locked.lock().expect("no panic").insert(session(number), 1);
        }
        let key = session(sessions / 2);
        let key = black_box(&key);
        request(sessions / 2).sync_scope(|| {
            let sealed = Owned::new(1_u64);
            meter.group(
                &format!("owner, {sessions} sessions"),
                vec![
                    Op::new("PerSession with", || per_session.with(|value| *value)),
                    Op::new("PerUser with", || per_user.with(|value| *value)),
                    Op::new("Owned open", || *sealed.open()),
                    Op::new("dashmap get", || by_key.get(key).map(|value| *value)),
                    Op::new("dashmap get, its Mutex", || {
                        let value = shared.get(key).map(|value| Arc::clone(&value));
                        value.and_then(|value| value.lock().ok().map(|value| *value))
                    }),
                    Op::new("dashmap get_mut, and the clock", || {
                        by_key.get_mut(key).map(|value| (*value, Instant::now()))
                    }),
                    Op::new("floor: Mutex of a HashMap", || {
                        locked.lock().ok().and_then(|map| map.get(key).copied())
                    }),
                    Op::new("floor: the clock", Instant::now),
                ],
            );
        });
    }
}
