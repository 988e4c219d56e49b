//! Tests of what the end of a session does; in here, since only the session layer can end one.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::context::RequestContext;
use crate::context::session_life::Heard;
use crate::context::session_life::Heir;
use crate::context::session_life::SessionLife;
use crate::owner::Owned;
use crate::owner::PerSession;
use crate::owner::PerUser;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::Weak;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::advance;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// A session, and a request in it.
fn request(session: &str) -> (SessionLife, RequestContext) {
    let life = SessionLife::new(Instant::now() + 100 * HOUR);
    (life.clone(), request_of(session, life))
}

fn request_of(session: &str, life: SessionLife) -> RequestContext {
    RequestContext::builder()
        .session(session.parse().unwrap())
        .user("ada".parse().unwrap())
        .insert(life)
        .build()
}

/// Counts its drops.
#[derive(Default)]
struct Counted(Option<Arc<AtomicUsize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(drops) = &self.0 {
            drops.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn count(values: &PerSession<Counted>, drops: &Arc<AtomicUsize>) {
    values.with(|value| value.0 = Some(Arc::clone(drops)));
}

#[test]
fn what_was_sealed_in_a_session_stays_shut_when_it_is_over() {
    let (life, ada) = request("s1");
    ada.sync_scope(|| {
        let mut sealed = Owned::new(1);
        assert_eq!(*sealed.open(), 1);
        life.end();
        assert!(sealed.try_open().unwrap_err().is_revoked());
        assert!(sealed.try_open_mut().unwrap_err().is_revoked());
        assert!(serde_json::to_string(&sealed).is_err());
        assert!(sealed.try_into_inner().unwrap_err().is_revoked());
    });
}

#[test]
fn a_request_whose_session_is_over_seals_nothing_not_even_for_its_user() {
    let (life, ada) = request("s1");
    life.end();
    ada.sync_scope(|| {
        assert!(Owned::try_new(1).unwrap_err().is_revoked());
        assert!(Owned::try_for_user(1).unwrap_err().is_revoked());
        assert!(Owned::try_for_session(1).unwrap_err().is_revoked());
    });
}

#[test]
fn a_request_whose_session_is_over_gets_no_value_and_makes_none() {
    let (sessions, users) = (PerSession::<u32>::new(), PerUser::<u32>::new());
    let (life, ada) = request("s1");
    let (_, again) = request("s2");
    ada.clone().sync_scope(|| {
        sessions.with(|value| *value = 7);
        users.with(|value| *value = 7);
    });
    life.end();
    ada.sync_scope(|| {
        assert!(sessions.try_with(|_| ()).unwrap_err().is_revoked());
        assert!(users.try_with(|_| ()).unwrap_err().is_revoked());
    });
    assert_eq!(again.sync_scope(|| users.with(|value| *value)), 7, "the user goes on");
    assert_eq!(sessions.len(), 0);
}

#[test]
fn the_next_access_of_anybody_drops_what_belongs_to_sessions_that_ended() {
    let values = PerSession::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let all: Vec<_> = (0..1000).map(|n| request(&format!("s{n}"))).collect();
    for (_, context) in &all {
        context.clone().sync_scope(|| count(&values, &drops));
    }
    for (life, _) in &all[..999] {
        life.end();
    }
    assert_eq!(drops.load(Ordering::Relaxed), 0, "the end of a session runs no code of the user's");
    all[999].1.clone().sync_scope(|| values.with(|_| ()));
    assert_eq!(drops.load(Ordering::Relaxed), 999);
    assert_eq!(values.len(), 1);
}

#[test]
fn pruning_drops_what_belongs_to_sessions_that_ended() {
    let values = PerSession::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let (life, ada) = request("s1");
    ada.sync_scope(|| count(&values, &drops));
    life.end();
    assert_eq!((values.prune(), drops.load(Ordering::Relaxed)), (1, 1));
    assert_eq!(values.prune(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_value_goes_when_its_session_expires_though_it_was_used_just_now() {
    let values = PerSession::<u32>::new();
    let life = SessionLife::new(Instant::now() + 10 * MINUTE);
    let (_, bob) = request("s2");
    let ada = request_of("s1", life);
    for _ in 0..10 {
        ada.clone().sync_scope(|| values.with(|_| ()));
        advance(MINUTE - Duration::from_nanos(1)).await;
    }
    ada.clone().sync_scope(|| values.with(|_| ()));
    advance(Duration::from_nanos(10)).await;
    bob.sync_scope(|| values.with(|_| ()));
    assert_eq!(values.len(), 1);
    assert!(ada.sync_scope(|| values.try_with(|_| ())).unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_used_elsewhere_keeps_its_value_alive_up_to_the_idle_timeout() {
    let values = PerSession::<u32>::new();
    let life = SessionLife::new(Instant::now() + 10 * MINUTE);
    let ada = request_of("s1", life.clone());
    ada.sync_scope(|| values.with(|_| ()));
    life.hear(Heard { expires: Instant::now() + HOUR, ..life.heard() });
    advance(30 * MINUTE - Duration::from_nanos(1)).await;
    assert_eq!(values.prune(), 0);
    advance(Duration::from_nanos(1)).await;
    assert_eq!(values.prune(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_value_goes_with_the_life_that_its_session_has_now() {
    // A process may close a session and open it again while the value is there.
    let values = PerSession::<u32>::new();
    let (before, earlier) = request("s1");
    earlier.sync_scope(|| values.with(|value| *value = 7));
    let now = SessionLife::new(Instant::now() + 5 * MINUTE);
    let later = request_of("s1", now.clone());
    assert_eq!(later.clone().sync_scope(|| values.with(|value| *value)), 7);
    advance(5 * MINUTE).await;
    assert_eq!(values.prune(), 1, "it expires with the new one");

    now.hear(Heard { expires: Instant::now() + HOUR, ..now.heard() });
    later.sync_scope(|| values.with(|value| *value = 7));
    now.end();
    assert_eq!(values.prune(), 1, "it ends with the new one");
    drop(before);
}

#[test]
fn a_value_in_use_when_its_session_ends_is_dropped_after_that_use_and_not_given_out_again() {
    let values = PerSession::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let (life, ada) = request("s1");
    ada.clone().sync_scope(|| count(&values, &drops));
    ada.clone().sync_scope(|| {
        values.with(|_| {
            life.end();
            assert_eq!(values.prune(), 1);
            assert_eq!(drops.load(Ordering::Relaxed), 0, "it is in use");
        });
    });
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(ada.sync_scope(|| values.try_with(|_| ())).unwrap_err().is_revoked());
}

#[test]
fn who_waited_for_the_value_while_the_session_ended_does_not_get_it() {
    let values = PerSession::<u32>::new();
    let (life, ada) = request("s1");
    let (in_use, is_in_use) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let holder = ada.clone();
        let values = &values;
        scope.spawn(move || {
            holder.sync_scope(|| {
                values.with(|_| {
                    in_use.send(()).unwrap();
                    may_go_on.recv().unwrap();
                });
            });
        });
        is_in_use.recv().unwrap();
        let waits = scope.spawn(|| ada.clone().sync_scope(|| values.try_with(|_| ())));
        // Who comes later than the end is refused at once, and who waits then when it gets its turn.
        for _ in 0..1000 {
            thread::yield_now();
        }
        life.end();
        go_on.send(()).unwrap();
        assert!(waits.join().unwrap().unwrap_err().is_revoked());
    });
}

#[test]
fn a_life_takes_no_heir_after_its_end_and_tells_each_before_it_once() {
    struct Told(AtomicUsize);
    impl Heir for Told {
        fn session_ended(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (life, _) = request("s1");
    let heir = Arc::new(Told(AtomicUsize::new(0)));
    let weak: Weak<Told> = Arc::downgrade(&heir);
    assert!(life.tell(Weak::clone(&weak) as Weak<dyn Heir>));
    life.end();
    life.end();
    assert_eq!(heir.0.load(Ordering::Relaxed), 1);
    assert!(!life.tell(weak));
}

#[test]
fn nothing_is_left_of_sessions_that_end_while_their_values_are_made() {
    let values = PerSession::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let mut made = 0;
    for n in 0..2000 {
        let (life, ada) = request(&format!("s{n}"));
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                life.end();
            });
            barrier.wait();
            let result = ada.sync_scope(|| {
                values.try_with(|value: &mut Counted| value.0 = Some(Arc::clone(&drops)))
            });
            made += usize::from(result.is_ok());
        });
    }
    values.prune();
    assert_eq!(values.len(), 0);
    assert_eq!(drops.load(Ordering::Relaxed), made);
}

#[test]
fn a_value_that_is_dropped_cannot_bring_itself_back() {
    static VALUES: PerSession<Returning> = PerSession::new();
    #[derive(Default)]
    struct Returning;
    impl Drop for Returning {
        fn drop(&mut self) {
            let error = VALUES.try_with(|_| ()).unwrap_err();
            assert!(error.is_revoked());
            REFUSED.fetch_add(1, Ordering::Relaxed);
        }
    }
    static REFUSED: AtomicUsize = AtomicUsize::new(0);

    let (life, ada) = request("s1");
    ada.sync_scope(|| VALUES.with(|_| ()));
    life.end();
    assert_eq!(VALUES.prune(), 1);
    assert_eq!(REFUSED.load(Ordering::Relaxed), 1);
    assert_eq!(VALUES.len(), 0);
}

#[test]
fn a_long_session_does_not_gather_what_is_long_dropped() {
    let (life, ada) = request("s1");
    ada.sync_scope(|| {
        for _ in 0..1000 {
            PerSession::<u32>::new().with(|_| ());
        }
    });
    assert!(life.heirs() < 100, "{}", life.heirs());
}

#[test]
fn the_end_of_a_session_says_nothing_of_another_one() {
    let (life, ada) = request("s1");
    life.end();
    assert!(ada.is_revoked());
    assert!(ada.to_builder().session("s1".parse().unwrap()).build().is_revoked());
    assert!(!ada.to_builder().session("s2".parse().unwrap()).build().is_revoked());
}
