//! Users at the same time, on one thread and on many.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::support::request;
use request_context::ContextExt;
use request_context::owner::Owned;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::advance;

#[tokio::test]
async fn two_users_who_take_turns_on_one_thread_do_not_see_each_others_values() {
    static HISTORY: PerSession<Vec<String>> = PerSession::new();
    let chat = |user: &'static str| {
        async move {
            for n in 0..100 {
                HISTORY.with(|history| history.push(format!("{user} {n}")));
                yield_now().await;
            }
            HISTORY.with(|history| history.clone())
        }
        .in_context(request(user, &format!("{user}'s")))
    };
    let (ada, bob) = tokio::join!(chat("ada"), chat("bob"));
    assert_eq!(ada, (0..100).map(|n| format!("ada {n}")).collect::<Vec<_>>());
    assert_eq!(bob, (0..100).map(|n| format!("bob {n}")).collect::<Vec<_>>());
}

#[test]
fn sixty_four_threads_of_few_sessions_lose_nothing_and_cross_nothing() {
    static VALUES: PerSession<(Option<String>, u32)> = PerSession::new();
    static USERS: PerUser<u32> = PerUser::new();
    thread::scope(|scope| {
        for thread in 0..64 {
            scope.spawn(move || {
                let user = format!("user{}", thread % 8);
                for n in 0..500 {
                    let session = format!("{user}-{}", n % 4);
                    request(&user, &session).sync_scope(|| {
                        VALUES.with(|(whose, count)| {
                            assert_eq!(whose.get_or_insert_with(|| session.clone()), &session);
                            *count += 1;
                        });
                        USERS.with(|count| *count += 1);
                    });
                }
            });
        }
    });
    for user in 0..8 {
        let user = format!("user{user}");
        assert_eq!(request(&user, "").sync_scope(|| USERS.with(|count| *count)), 4000);
        for session in 0..4 {
            let context = request(&user, &format!("{user}-{session}"));
            assert_eq!(context.sync_scope(|| VALUES.with(|(_, count)| *count)), 1000);
        }
    }
    assert_eq!((VALUES.len(), USERS.len()), (32, 8));
}

#[test]
fn threads_that_race_for_a_first_use_make_one_value() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static VALUES: PerSession<usize> =
        PerSession::with_init(|| MADE.fetch_add(1, Ordering::Relaxed));
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| request("ada", "a1").sync_scope(|| VALUES.with(|_| ())));
        }
    });
    assert_eq!((MADE.load(Ordering::Relaxed), VALUES.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn values_that_become_due_while_many_ask_are_dropped_once_and_given_out_to_nobody() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Counted;
    impl Default for Counted {
        fn default() -> Self {
            MADE.fetch_add(1, Ordering::Relaxed);
            Self
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
    let values = PerSession::<Counted>::new().idle_timeout(Duration::from_secs(1));
    let handle = tokio::runtime::Handle::current();
    for round in 1..=20 {
        thread::scope(|scope| {
            for thread in 0..8 {
                let (values, handle) = (&values, handle.clone());
                scope.spawn(move || {
                    // The clock is that of the runtime.
                    let _entered = handle.enter();
                    for n in 0..100 {
                        let session = format!("s{}", (n * 7 + thread) % 100);
                        request("ada", &session).sync_scope(|| values.with(|_| ()));
                    }
                });
            }
        });
        assert_eq!(values.len(), 100);
        assert_eq!(MADE.load(Ordering::Relaxed), 100 * round);
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(values.prune(), 100);
    assert_eq!(DROPPED.load(Ordering::Relaxed), 2000);
}

#[test]
fn a_cache_with_a_wrong_key_shows_nobody_what_is_somebody_elses() {
    // The mistake: the key lacks the user.
    static CACHE: Mutex<Option<HashMap<&'static str, Owned<String>>>> = Mutex::new(None);
    let profile = |user: &'static str| {
        request(user, "").sync_scope(|| {
            let mut cache = CACHE.lock().unwrap();
            let cached = cache
                .get_or_insert_default()
                .entry("/profile")
                .or_insert_with(|| Owned::new(user.to_owned()));
            cached.try_open().cloned()
        })
    };
    assert_eq!(profile("ada"), Ok("ada".to_owned()));
    assert!(profile("bob").unwrap_err().is_other_owner());
}
