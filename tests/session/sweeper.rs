//! Memory is freed when sessions expire, a few at a time.

use super::support::*;
use request_context::session::*;
use std::time::Duration;
use tokio::time::advance;

fn fill(store: &MemoryStore, count: usize, timeouts: Timeouts) {
    for n in 0..count {
        let new = NewSession::new(Default::default(), timeouts);
        store.create(&id(&format!("{n}-{}", timeouts.idle().as_millis())), new).unwrap();
    }
}

fn minutes(idle: u32) -> Timeouts {
    Timeouts::new(idle * MINUTE, 8 * HOUR)
}

#[expect(clippy::disallowed_methods, reason = "no request")]
fn spawn_sweeper(store: &MemoryStore) -> tokio::task::JoinHandle<()> {
    tokio::spawn(store.sweeper())
}

/// Lets the sweeper do what it can do now.
async fn settle() {
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_frees_at_the_very_time() {
    let store = MemoryStore::default();
    let _sweeper = spawn_sweeper(&store);
    settle().await;
    fill(&store, 10, minutes(30));
    settle().await;
    fill(&store, 10, minutes(10));
    advance(10 * MINUTE - Duration::from_millis(1)).await;
    settle().await;
    assert_eq!(store.len(), 20);
    advance(Duration::from_millis(1)).await;
    settle().await;
    assert_eq!(store.len(), 10, "those that began after it slept, and expire first");
    assert!(store.touch(&id("3-1800000")).is_some());
    advance(20 * MINUTE).await;
    settle().await;
    assert_eq!(store.len(), 1);
    advance(10 * MINUTE).await;
    settle().await;
    assert_eq!(store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_wakes_for_a_session_that_was_rotated() {
    let (store, ada) = (MemoryStore::default(), owner("ada"));
    store.create(&id("a"), new_of(&ada)).unwrap();
    let _sweeper = spawn_sweeper(&store);
    settle().await;
    let timeouts = minutes(5);
    store.rotate(&id("a"), &ada, Rotation::new(id("b"), owner("bob"), timeouts)).unwrap();
    settle().await;
    advance(5 * MINUTE).await;
    settle().await;
    assert!(store.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_ends_with_the_store_and_does_not_keep_it() {
    let store = MemoryStore::default();
    fill(&store, 1, minutes(30));
    let (one, other) = (spawn_sweeper(&store), spawn_sweeper(&MemoryStore::default()));
    settle().await;
    assert!(!one.is_finished());
    assert!(other.is_finished());
    drop(store);
    settle().await;
    assert!(one.is_finished());
}

#[tokio::test(start_paused = true)]
async fn at_most_256_are_removed_while_a_lock_is_held() {
    let store = MemoryStore::default();
    fill(&store, 100_000, minutes(30));
    advance(30 * MINUTE).await;
    assert_eq!(store.prune(), 100_000);
    assert!(store.is_empty());
    assert_eq!(MemoryStore::EXPIRED_PER_LOCK, 256);
    assert_eq!(store.most_expired_per_lock(), 256, "the shards had more than that");
}

#[tokio::test(start_paused = true)]
async fn without_a_sweeper_operations_free_what_has_expired() {
    let store = MemoryStore::default();
    fill(&store, 1000, minutes(30));
    advance(30 * MINUTE).await;
    for n in 0..4000 {
        assert_eq!(store.load(&id(&format!("unknown-{n}"))), None);
    }
    assert!(store.is_empty(), "{store:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_used_is_not_freed() {
    let store = MemoryStore::default();
    fill(&store, 1000, minutes(30));
    for _ in 0..5 {
        advance(20 * MINUTE).await;
        for n in 0..1000 {
            assert!(store.touch(&id(&format!("{n}-1800000"))).is_some());
        }
        assert_eq!(store.prune(), 0);
    }
    advance(30 * MINUTE).await;
    assert_eq!(store.prune(), 1000);
}

/// All are due to be looked at, and none has expired.
#[tokio::test(start_paused = true)]
async fn a_sweeper_lets_others_run_while_it_looks_at_sessions_that_go_on() {
    let store = MemoryStore::default();
    let count = 128 * (MemoryStore::EXPIRED_PER_LOCK + 64);
    fill(&store, count, minutes(30));
    let mut sweeper = tokio_test::task::spawn(store.sweeper());
    advance(20 * MINUTE).await;
    for n in 0..count {
        assert!(store.touch(&id(&format!("{n}-1800000"))).is_some());
    }
    advance(10 * MINUTE).await;
    let mut turns = 0;
    while turns == 0 || sweeper.is_woken() {
        assert!(sweeper.poll().is_pending());
        turns += 1;
        tokio::task::yield_now().await;
    }
    assert!(turns > 64, "it ran on in {turns} turns");
    assert_eq!(store.len(), count);
}
