//! How many values there may be.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::support::request;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use tokio::time::advance;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_value_too_many_is_refused_and_no_live_one_makes_room_for_it() {
    static VALUES: PerSession<u32> = PerSession::new().max(2).idle_timeout(MINUTE);
    let in_session = |session: &str| request("", session);
    in_session("s1").sync_scope(|| VALUES.with(|value| *value = 1));
    advance(MINUTE / 2).await;
    in_session("s2").sync_scope(|| VALUES.with(|value| *value = 2));
    in_session("s3").sync_scope(|| {
        let mut is_called = false;
        assert!(VALUES.try_with(|_| is_called = true).unwrap_err().is_full());
        assert!(!is_called);
    });
    assert_eq!(in_session("s2").sync_scope(|| VALUES.with(|value| *value)), 2);
    assert_eq!(VALUES.len(), 2);

    advance(MINUTE / 2).await;
    in_session("s3").sync_scope(|| VALUES.with(|value| *value = 3));
    assert_eq!(VALUES.len(), 2, "what is due makes room");
    assert_eq!(in_session("s2").sync_scope(|| VALUES.with(|value| *value)), 2);
}

#[test]
fn there_may_be_none_at_all() {
    let values = PerUser::<u32>::new().max(0);
    let error = request("ada", "").sync_scope(|| values.try_with(|_| ()).unwrap_err());
    assert!(error.is_full());
}

#[test]
fn sixty_four_threads_make_no_more_values_than_there_may_be() {
    let values = PerSession::<u32>::new().max(100);
    let barrier = Barrier::new(64);
    let made: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|thread| {
                let (values, barrier) = (&values, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    (0..10)
                        .filter(|n| {
                            let ada = request("ada", &format!("{thread}-{n}"));
                            ada.sync_scope(|| values.try_with(|_| ())).is_ok()
                        })
                        .count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((made, values.len()), (100, 100));
}
