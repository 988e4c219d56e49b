//! What can be seen only with tokio's unstable hooks: where a task was spawned, by tokio's own
//! account, and which plain spawns the detector reports. Empty without `--cfg tokio_unstable`.
#![cfg(tokio_unstable)]

use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::PlainSpawnDetector;
use request_context::RequestContext;
use request_context::carry;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_detached;
use request_context::spawn_local;
use request_context::spawn_outside;
use request_context::spawn_with;
use request_context::thread;
use request_context::try_spawn;
use request_context::try_spawn_detached;
use std::fmt::Debug;
use std::future::pending;
use std::panic::Location;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::runtime::Handle;
use tokio::runtime::LocalOptions;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tracing::field::Field;
use tracing::field::Visit;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt;

type Place = (&'static str, u32);

fn place(location: &'static Location<'static>) -> Place {
    (location.file(), location.line())
}

/// Where things happened, in order.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<Vec<Place>>>);

impl Places {
    fn add(&self, location: &'static Location<'static>) {
        self.0.lock().unwrap().push(place(location));
    }

    fn take(&self) -> Vec<Place> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Runs `test` on a runtime of one thread that notes where tokio says that tasks were spawned.
fn on_noting_runtime<F: Future>(test: impl FnOnce(Places) -> F) -> F::Output {
    let places = Places::default();
    let noted = places.clone();
    let mut builder = Builder::new_current_thread();
    builder.on_task_spawn(move |task| noted.add(task.spawned_at()));
    builder.build().unwrap().block_on(test(places))
}

#[test]
fn the_spawn_location_of_a_task_is_the_line_of_the_user() {
    on_noting_runtime(|places| {
        RequestContext::new().scope(async move {
            let handle = Handle::current();
            let mut set = JoinSet::new();
            let from = line!();
            spawn(async {});
            drop(try_spawn(async {}));
            set.spawn_in_context(async {});
            drop(set.try_spawn_in_context(async {}));
            handle.spawn_in_context(async {});
            drop(handle.try_spawn_in_context(async {}));
            spawn_detached(async {});
            drop(try_spawn_detached(async {}));
            spawn_outside(async {});
            let lines = (from + 1..line!()).map(|line| (file!(), line));
            assert_eq!(places.take(), lines.collect::<Vec<_>>());
        })
    });
}

#[test]
fn the_spawn_location_of_a_local_task_is_the_line_of_the_user() {
    let places = Places::default();
    let noted = places.clone();
    let mut builder = Builder::new_current_thread();
    builder.on_task_spawn(move |task| noted.add(task.spawned_at()));
    // A `LocalSet` calls no hooks; the runtime of local tasks does.
    let runtime = builder.build_local(LocalOptions::default()).unwrap();
    runtime.block_on(RequestContext::new().scope(async move {
        let mut set = JoinSet::new();
        let from = line!();
        spawn_local(async {});
        drop(request_context::try_spawn_local(async {}));
        set.spawn_local_in_context(async {});
        drop(set.try_spawn_local_in_context(async {}));
        let lines = (from + 1..line!()).map(|line| (file!(), line));
        assert_eq!(places.take(), lines.collect::<Vec<_>>());
    }));
}

/// Runs `test` under a detector, on one thread, in a scope; what was reported.
fn reported<F: Future>(test: F) -> Vec<Place> {
    let places = Places::default();
    let (runtime, _) = watched(Builder::new_current_thread(), places.clone());
    runtime.block_on(RequestContext::new().scope(test));
    places.take()
}

/// A runtime under a detector, and what tells that the next report was made.
fn watched(mut builder: Builder, places: Places) -> (Runtime, mpsc::Receiver<()>) {
    let (report, reports) = mpsc::channel();
    PlainSpawnDetector::new(move |location| {
        places.add(location);
        let _ = report.send(());
    })
    .install(&mut builder);
    (builder.build().unwrap(), reports)
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "what the detector has to find")]
fn plain_spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}

async fn wait_twice() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

fn expect_done<T, E: Debug>(result: Result<T, E>) -> T {
    result.unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what the detector has to find")]
fn each_plain_spawn_in_a_scope_is_reported_once_with_its_line() {
    let mut from = 0;
    let found = reported(async {
        let mut set = JoinSet::new();
        let handle = Handle::current();
        from = line!();
        let first = plain_spawn(wait_twice());
        set.spawn(wait_twice());
        let third = handle.spawn(wait_twice());
        let fourth = tokio::task::spawn(async {});
        expect_done(first.await);
        expect_done(third.await);
        expect_done(fourth.await);
        set.join_all().await;
        wait_twice().await;
    });
    let lines = (from + 1..=from + 4).map(|line| (file!(), line));
    assert_eq!(found, lines.collect::<Vec<_>>());
}

#[test]
fn a_plain_spawn_is_reported_from_any_worker() {
    let places = Places::default();
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2);
    let (runtime, reports) = watched(builder, places.clone());
    let mut line = 0;
    runtime.block_on(RequestContext::new().scope(async {
        let outer = spawn(async {
            wait_twice().await;
            (line!(), plain_spawn(async {}).await.unwrap())
        });
        line = outer.await.unwrap().0;
    }));
    reports.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(runtime);
    assert_eq!(places.take(), [(file!(), line)]);
}

#[test]
fn a_plain_spawn_outside_every_scope_is_not_reported() {
    let places = Places::default();
    let (runtime, _) = watched(Builder::new_current_thread(), places.clone());
    runtime.block_on(async {
        expect_done(plain_spawn(wait_twice()).await);
        let scoped = async { expect_done(plain_spawn(async {}).await) };
        scoped.in_context(RequestContext::new()).await;
        assert_eq!(places.take().len(), 1);
        expect_done(plain_spawn(wait_twice()).await);
    });
    assert_eq!(places.take(), []);
}

#[test]
fn what_was_carried_is_not_reported() {
    let found = reported(async {
        let mut set = JoinSet::new();
        set.spawn_in_context(wait_twice());
        expect_done(spawn(wait_twice()).await);
        expect_done(try_spawn(wait_twice()).unwrap().await);
        expect_done(spawn_detached(wait_twice()).await);
        expect_done(Handle::current().spawn_in_context(wait_twice()).await);
        expect_done(plain_spawn(wait_twice().in_current_context()).await);
        expect_done(spawn_with(wait_twice(), plain_spawn).await);
        let stream = futures::stream::iter([1]).in_current_context();
        expect_done(plain_spawn(futures::StreamExt::collect::<Vec<_>>(stream)).await);
        let closure = carry(|| ());
        expect_done(plain_spawn(async { closure() }).await);
        set.join_all().await;
    });
    assert_eq!(found, []);
}

#[test]
fn what_was_given_a_context_explicitly_is_not_reported() {
    let found = reported(async {
        let other = RequestContext::new();
        expect_done(plain_spawn(wait_twice().in_context(other.clone())).await);
        expect_done(plain_spawn(async { other.sync_scope(|| ()) }).await);
    });
    assert_eq!(found, []);
}

#[test]
fn what_is_outside_on_purpose_is_not_reported() {
    let found = reported(async {
        expect_done(spawn_outside(wait_twice()).await);
        spawn_outside(wait_twice()).abort();
        wait_twice().await;
    });
    assert_eq!(found, []);
}

#[test]
fn a_task_that_enters_a_scope_only_later_is_reported() {
    let found = reported(async {
        let late = async {
            wait_twice().await;
            async {}.in_context(RequestContext::new()).await;
        };
        expect_done(plain_spawn(late).await);
    });
    assert_eq!(found.len(), 1);
}

#[test]
fn a_task_that_panics_in_its_first_poll_is_reported() {
    let found = reported(async {
        assert!(plain_spawn(async { panic!("planted") }).await.is_err());
        assert!(spawn(async { panic!("planted") }).await.is_err());
    });
    assert_eq!(found.len(), 1);
}

#[test]
fn of_the_tasks_that_are_aborted_before_their_first_poll_the_plain_ones_are_reported() {
    let mut line = 0;
    let found = reported(async {
        let carried = [spawn(pending::<()>()), spawn_detached(pending())];
        line = line!() + 1;
        let plain = [plain_spawn(pending::<()>())];
        for task in carried.into_iter().chain(plain) {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
    });
    assert_eq!(found, [(file!(), line)]);
}

#[test]
fn tasks_that_the_end_of_the_runtime_drops_are_not_reported() {
    let found = reported(async {
        plain_spawn(pending::<()>());
        spawn(pending::<()>());
    });
    assert_eq!(found, []);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what the detector cannot find")]
fn blocking_calls_local_sets_and_threads_are_not_seen() {
    let found = reported(async {
        expect_done(tokio::task::spawn_blocking(|| ()).await);
        expect_done(spawn_blocking(|| ()).await);
        expect_done(std::thread::spawn(|| ()).join().map_err(drop));
        expect_done(thread::spawn(|| ()).join().map_err(drop));
        let local = LocalSet::new();
        let tasks = [local.spawn_local(async {}), local.spawn_local_in_context(async {})];
        local.await;
        for task in tasks {
            expect_done(task.await);
        }
    });
    assert_eq!(found, []);
}

/// Spawns in a scope, on a runtime that nobody drives yet.
fn idle(spawn: fn() -> JoinHandle<()>, places: &Places) -> (Runtime, JoinHandle<()>) {
    let (runtime, _) = watched(Builder::new_current_thread(), places.clone());
    let task = {
        let _entered = runtime.enter();
        RequestContext::new().sync_scope(spawn)
    };
    (runtime, task)
}

#[test]
fn a_task_and_the_tasks_of_a_runtime_that_it_drives_are_told_apart() {
    let (outer_places, inner_places) = (Places::default(), Places::default());
    let (outer, reports) = watched(Builder::new_multi_thread(), outer_places.clone());
    let plain = idle(|| plain_spawn(async {}), &inner_places);
    let carried = idle(|| spawn(async {}), &inner_places);
    let drive = |(inner, task): (Runtime, JoinHandle<()>)| async move {
        tokio::task::block_in_place(|| inner.block_on(task)).unwrap();
        // Ends the first poll here, so that it is the one that drove the other task.
        wait_twice().await;
        tokio::task::block_in_place(|| drop(inner));
    };

    let line = outer.block_on(RequestContext::new().scope(async move {
        expect_done(spawn(drive(plain)).await);
        let (line, task) = (line!(), plain_spawn(drive(carried)));
        expect_done(task.await);
        line
    }));
    reports.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(outer);
    assert_eq!(outer_places.take(), [(file!(), line)]);
    assert_eq!(inner_places.take().len(), 1);
}

#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = event.metadata().level().to_string();
        event.record(&mut Fields(&mut text));
        self.0.lock().unwrap().push(text);
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        *self.0 += &format!(" {field}={value:?}");
    }
}

#[test]
fn the_default_detector_warns_with_the_line_and_the_twins_to_use() {
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.clone());
    let _default = tracing::subscriber::set_default(subscriber);
    let mut builder = Builder::new_current_thread();
    PlainSpawnDetector::default().install(&mut builder);
    let line = line!() + 1;
    let task = async { expect_done(plain_spawn(async {}).await) };
    builder.build().unwrap().block_on(RequestContext::new().scope(task));

    let events = events.0.lock().unwrap();
    let [event] = events.as_slice() else { panic!("one event: {events:?}") };
    let place = format!("{}:{line}:", file!());
    let words = ["WARN", &place, "`request_context::spawn`", "`spawn_outside`", "`RequestContext`"];
    for word in words {
        assert!(event.contains(word), "{word} is missing in {event}");
    }
}
