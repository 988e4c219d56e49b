//! What an access waits for.

use crate::sink::Now;
use crate::sink::Told;
use crate::support::Folder;
use crate::support::builder;
use crate::support::chart;
use crate::support::context;
use crate::support::read;
use pollster::block_on;
use request_context::access;
use request_context::access::Action;
use request_context::access::trail::Recording;
use request_context::access::trail::SyncPolicy;
use request_context::access::trail::Trail;
use std::time::Duration;
use tokio_test::assert_pending;
use tokio_test::assert_ready_ok;
use tokio_test::task;

pub(crate) fn recording(trail: &Trail, id: &str) -> Recording {
    let chart = chart(id);
    context(trail).sync_scope(|| access::record(Action::Read, &chart).into_future())
}

#[test]
fn with_every_record_it_waits_for_the_sync() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut access = task::spawn(recording(&trail, "c-1"));
    assert_pending!(access.poll());
    sink.until_held();
    assert_pending!(access.poll());
    sink.now(Now::Go);
    block_on(read(&trail, "c-2")).unwrap();
    assert!(access.is_woken());
    assert_ready_ok!(access.poll());
    let ids: Vec<_> = sink.synced().iter().map(|r| r["resource.id"].clone()).collect();
    assert_eq!(ids[1..], ["c-1", "c-2"]);
}

#[test]
fn with_never_it_waits_for_the_write_alone() {
    let sink = Told::default();
    let trail = builder().sync(SyncPolicy::Never).open(sink.clone()).unwrap();
    block_on(read(&trail, "c-1")).unwrap();
    assert_eq!(sink.records().len(), 2);
    assert_eq!(sink.synced().len(), 1, "the first record of the trail itself");
    assert_eq!(trail.stats().syncs, 1);
}

#[test]
fn with_an_interval_the_sync_comes_within_it() {
    let sink = Told::default();
    let interval = SyncPolicy::Interval(Duration::from_millis(5));
    let trail = builder().sync(interval).open(sink.clone()).unwrap();
    block_on(read(&trail, "c-1")).unwrap();
    while sink.synced().len() < 2 {
        std::thread::yield_now();
    }
    let syncs = trail.stats().syncs;
    assert_eq!(syncs, 2);
    // Nothing new, nothing to sync.
    let waited = std::time::Instant::now();
    while waited.elapsed() < Duration::from_millis(25) {
        std::thread::yield_now();
    }
    assert_eq!(trail.stats().syncs, syncs);
}

#[test]
fn with_an_interval_the_sync_comes_in_time_though_there_is_always_more_to_write() {
    let sink = Told::default();
    let interval = SyncPolicy::Interval(Duration::ZERO);
    let trail = builder().sync(interval).open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut first = task::spawn(recording(&trail, "c-1"));
    assert_pending!(first.poll());
    sink.until_held();
    let mut next = task::spawn(recording(&trail, "c-2"));
    assert_pending!(next.poll());
    sink.now(Now::Go);
    block_on(next.into_inner()).unwrap();
    block_on(trail.close()).unwrap();
    assert_eq!(sink.steps()[..5], ["append", "sync", "append", "sync", "append"]);
}

#[test]
fn with_a_long_interval_many_accesses_go_on_before_the_sync() {
    let sink = Told::default();
    let interval = SyncPolicy::Interval(Duration::from_secs(3600));
    let trail = builder().sync(interval).open(sink.clone()).unwrap();
    for _ in 0..100 {
        block_on(read(&trail, "c-1")).unwrap();
    }
    assert_eq!(trail.stats().syncs, 1);
    block_on(trail.close()).unwrap();
    assert_eq!(sink.synced().len(), 102, "closing syncs what the interval had not");
}

#[test]
fn accesses_that_wait_together_share_a_sync() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut first = task::spawn(recording(&trail, "first"));
    assert_pending!(first.poll());
    sink.until_held();
    let mut accesses: Vec<_> =
        (0..64).map(|nth| task::spawn(recording(&trail, &format!("c-{nth}")))).collect();
    for access in &mut accesses {
        assert_pending!(access.poll());
    }
    let before = trail.stats();
    sink.now(Now::Go);
    for access in accesses {
        block_on(access.into_inner()).unwrap();
    }
    assert_eq!(trail.stats().syncs - before.syncs, 2, "one for the first, one for the 64");
    assert_eq!(trail.stats().records, 66);
}

#[test]
fn on_files_64_at_a_time_need_far_fewer_syncs_than_accesses() {
    let folder = Folder::new("delivery");
    let trail = builder().open(folder.sink()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let tasks = (0..64).map(|nth| {
            let trail = trail.clone();
            request_context::spawn_outside(async move {
                for _ in 0..20 {
                    read(&trail, &format!("c-{nth}")).await.unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        trail.close().await.unwrap();
    });
    let stats = trail.stats();
    assert_eq!(stats.records, 64 * 20 + 2);
    assert!(stats.syncs * 4 < stats.records, "{stats:?}");
    assert_eq!(folder.verify().unwrap().records(), stats.records);
}

#[test]
fn dropped_after_its_first_poll_the_record_stays() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut access = task::spawn(recording(&trail, "c-1"));
    assert_pending!(access.poll());
    drop(access);
    let mut other = task::spawn(recording(&trail, "c-2"));
    assert_pending!(other.poll());
    drop(other);
    sink.now(Now::Go);
    block_on(trail.close()).unwrap();
    let ids: Vec<_> = sink.records().iter().map(|r| r["resource.id"].clone()).collect();
    assert_eq!(ids[1..3], ["c-1", "c-2"]);
}

#[test]
fn a_future_that_moves_to_another_task_wakes_that_one() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut access = task::spawn(recording(&trail, "c-1"));
    assert_pending!(access.poll());
    let mut access = task::spawn(access.into_inner());
    assert_pending!(access.poll());
    sink.now(Now::Go);
    block_on(read(&trail, "c-2")).unwrap();
    assert!(access.is_woken());
    assert_ready_ok!(access.poll());
}

#[test]
fn closing_writes_what_is_queued_and_then_takes_nothing_more() {
    let sink = Told::default();
    let trail = builder().sync(SyncPolicy::Never).open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut accesses: Vec<_> = (0..3).map(|_| task::spawn(recording(&trail, "c-1"))).collect();
    for access in &mut accesses {
        assert_pending!(access.poll());
    }
    let mut closing = task::spawn(trail.close());
    assert_pending!(closing.poll());
    let error = block_on(read(&trail, "c-2")).unwrap_err();
    assert!(error.is_closed(), "{error}");
    sink.now(Now::Go);
    block_on(closing.into_inner()).unwrap();
    for mut access in accesses {
        assert_ready_ok!(access.poll());
    }
    block_on(trail.close()).unwrap();
    assert_eq!(sink.synced().len(), 6, "open, three accesses, one refused, close");
    assert_eq!(sink.synced()[5]["action"], "close");
}

#[test]
fn with_the_last_handle_gone_the_writer_ends_too() {
    let folder = Folder::new("delivery");
    let trail = builder().open(folder.sink()).unwrap();
    let mut access = task::spawn(recording(&trail, "c-1"));
    assert_pending!(access.poll());
    drop((trail, access));
    // The lock is free once all is written.
    let again = loop {
        match builder().open(folder.sink()) {
            Err(error) if error.is_locked() => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    block_on(again.close()).unwrap();
    assert_eq!(folder.verify().unwrap().records(), 5);
}
