//! No record, no access: unless chosen otherwise.

use crate::delivery::recording;
use crate::sink::Now;
use crate::sink::Told;
use crate::support::builder;
use crate::support::read;
use pollster::block_on;
use request_context::access::trail::SyncPolicy;
use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio_test::assert_pending;
use tokio_test::assert_ready_err;
use tokio_test::assert_ready_ok;
use tokio_test::task;

#[test]
fn where_too_many_wait_the_access_fails_at_once() {
    let sink = Told::default();
    let trail = builder().queue(3).open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut writing = task::spawn(recording(&trail, "c-0"));
    assert_pending!(writing.poll());
    sink.until_held();
    let mut waiting: Vec<_> = (0..3).map(|_| task::spawn(recording(&trail, "c-1"))).collect();
    for access in &mut waiting {
        assert_pending!(access.poll());
    }
    let error = assert_ready_err!(task::spawn(recording(&trail, "too many")).poll());
    assert!(error.is_full(), "{error}");
    sink.now(Now::Go);
    for access in waiting {
        block_on(access.into_inner()).unwrap();
    }
    assert_eq!(trail.stats().lost, 1);
    block_on(read(&trail, "c-2")).unwrap();
    let records = sink.records();
    assert!(records.iter().all(|record| record["resource.id"] != "too many"));
    let lost = records.iter().find(|record| record["action"] == "lose").unwrap();
    assert_eq!((&lost["event"], &lost["count"]), (&"trail".into(), &1.into()), "the trail says so");
}

#[test]
fn where_it_cannot_be_written_the_access_fails_and_the_chain_goes_on_after() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::FailAppend);
    let error = block_on(read(&trail, "c-1")).unwrap_err();
    assert!(error.is_io(), "{error}");
    assert_eq!(error.source().unwrap().to_string(), "as told");
    assert_eq!(trail.head().sequence(), 1);
    sink.now(Now::Go);
    block_on(read(&trail, "c-2")).unwrap();
    assert_eq!(sink.firsts(), [1, 2], "no sequence is left out");
    let seqs: Vec<_> = sink.records().iter().map(|r| r["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3], "open, lose, c-2");
}

#[test]
fn where_it_cannot_be_synced_the_access_fails_too() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::FailSync);
    let error = block_on(read(&trail, "c-1")).unwrap_err();
    assert!(error.is_io(), "{error}");
    sink.now(Now::Go);
    block_on(read(&trail, "c-2")).unwrap();
    let records = sink.synced();
    assert_eq!(records.last().unwrap()["resource.id"], "c-2");
    assert_eq!(trail.head().sequence(), records.len() as u64);
}

#[test]
fn after_an_interval_whose_sync_failed_the_next_access_waits_for_one_and_it_is_said() {
    let sink = Told::default();
    let interval = SyncPolicy::Interval(Duration::from_millis(1));
    let trail = builder().sync(interval).open(sink.clone()).unwrap();
    sink.now(Now::FailSync);
    block_on(read(&trail, "c-1")).unwrap();
    while trail.stats().syncs < 2 {
        std::thread::yield_now();
    }
    let error = block_on(read(&trail, "c-2")).unwrap_err();
    assert!(error.is_io(), "no access goes on while it is in doubt: {error}");
    sink.now(Now::Go);
    block_on(read(&trail, "c-3")).unwrap();
    let synced = sink.synced();
    assert_eq!(synced.last().unwrap()["resource.id"], "c-3");
    assert!(synced.iter().any(|record| record["action"] == "doubt"), "{synced:?}");
}

#[test]
fn where_it_was_chosen_the_access_goes_on_with_an_alarm_and_a_count() {
    let sink = Told::default();
    let alarms = Arc::new(Mutex::new(Vec::new()));
    let on_alarm = Arc::clone(&alarms);
    let trail = builder()
        .queue(1)
        .degrade(move |alarm| {
            let error = alarm.error();
            on_alarm.lock().unwrap().push((error.is_io(), error.is_full(), alarm.lost()));
        })
        .open(sink.clone())
        .unwrap();
    sink.now(Now::FailAppend);
    block_on(read(&trail, "c-1")).unwrap();
    assert_eq!(*alarms.lock().unwrap(), [(true, false, 1)]);
    sink.now(Now::Hold);
    let mut writing = task::spawn(recording(&trail, "c-2"));
    assert_pending!(writing.poll());
    sink.until_held();
    let mut waiting = task::spawn(recording(&trail, "c-3"));
    assert_pending!(waiting.poll());
    assert_ready_ok!(task::spawn(recording(&trail, "c-4")).poll());
    assert_eq!(alarms.lock().unwrap()[1], (false, true, 1));
    assert_eq!(trail.stats().lost, 2);
    sink.now(Now::Go);
    block_on(waiting.into_inner()).unwrap();
    let lost = sink.records().iter().filter_map(|r| r["count"].as_u64()).sum::<u64>();
    assert_eq!(lost, 2, "the trail says how many");
}

#[test]
fn an_alarm_that_panics_stops_neither_the_access_nor_the_trail() {
    let sink = Told::default();
    let trail = builder().queue(1).degrade(|_| panic!("as told")).open(sink.clone()).unwrap();
    sink.now(Now::FailAppend);
    block_on(read(&trail, "c-1")).unwrap();
    sink.now(Now::Hold);
    let mut writing = task::spawn(recording(&trail, "c-2"));
    assert_pending!(writing.poll());
    sink.until_held();
    let mut waiting = task::spawn(recording(&trail, "c-3"));
    assert_pending!(waiting.poll());
    assert_ready_ok!(task::spawn(recording(&trail, "c-4")).poll());
    sink.now(Now::Go);
    block_on(waiting.into_inner()).unwrap();
    assert_eq!(trail.stats().lost, 2);
    assert_eq!(sink.records().last().unwrap()["resource.id"], "c-3", "it still writes");
}

#[test]
fn of_accesses_without_a_record_it_says_whether_they_were_refused_or_went_on() {
    let refused = Told::default();
    let failing = builder().open(refused.clone()).unwrap();
    let went_on = Told::default();
    let degraded = builder().degrade(|_| {}).open(went_on.clone()).unwrap();
    for (trail, sink, what) in
        [(failing, refused, "were refused"), (degraded, went_on, "went on without")]
    {
        sink.now(Now::FailAppend);
        let _ = block_on(read(&trail, "c-1"));
        sink.now(Now::Go);
        block_on(read(&trail, "c-2")).unwrap();
        let records = sink.records();
        let lost = records.iter().find(|record| record["action"] == "lose").unwrap();
        assert!(lost["reason"].as_str().unwrap().contains(what), "{lost}");
    }
}

#[test]
fn where_the_sink_panics_nobody_waits_in_vain() {
    let sink = Told::default();
    let trail = builder().open(sink.clone()).unwrap();
    sink.now(Now::Hold);
    let mut access = task::spawn(recording(&trail, "c-1"));
    assert_pending!(access.poll());
    sink.until_held();
    let mut queued = task::spawn(recording(&trail, "c-2"));
    assert_pending!(queued.poll());
    sink.now(Now::Panic);
    assert!(block_on(trail.close()).unwrap_err().is_closed());
    assert!(assert_ready_err!(access.poll()).is_closed());
    assert!(assert_ready_err!(queued.poll()).is_closed());
    assert!(block_on(read(&trail, "c-3")).unwrap_err().is_closed());
}

#[test]
fn a_trail_whose_first_record_cannot_be_written_or_synced_is_not_opened() {
    for now in [Now::FailAppend, Now::FailSync] {
        let sink = Told::default();
        sink.now(now);
        let error = builder().open(sink).unwrap_err();
        assert!(error.is_io(), "{error}");
    }
}
