//! Each line that ends in `// banned` must be reported, and no other.

use std::thread;
use tokio::runtime::Handle;
use tokio::runtime::Runtime;
use tokio::task;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tokio::task::spawn as start;
use tracing::info_span;

tokio::task_local! { // banned
    static WHO: u32;
}

pub async fn tasks() {
    tokio::spawn(async {}); // banned
    start(async {}); // banned
    task::spawn_blocking(|| ()); // banned
    task::spawn_local(async {}); // banned
}

pub fn sets(set: &mut JoinSet<()>, local: &LocalSet, handle: &Handle) {
    set.spawn(async {}); // banned
    set.spawn_on(async {}, handle); // banned
    set.spawn_blocking(|| ()); // banned
    set.spawn_blocking_on(|| (), handle); // banned
    set.spawn_local(async {}); // banned
    set.spawn_local_on(async {}, local); // banned
    local.spawn_local(async {}); // banned
}

pub fn runtimes(handle: &Handle, runtime: &Runtime) {
    handle.spawn(async {}); // banned
    handle.spawn_blocking(|| ()); // banned
    runtime.spawn(async {}); // banned
    runtime.spawn_blocking(|| ()); // banned
}

pub fn threads() {
    thread::spawn(|| ()); // banned
    let _ = thread::Builder::new().spawn(|| ()); // banned
    thread::scope(|scope| {
        scope.spawn(|| ()); // banned
        let _ = thread::Builder::new().spawn_scoped(scope, || ()); // banned
    });
}

pub async fn guards() {
    let span = info_span!("s");
    let _entered = span.enter(); // banned
    task::yield_now().await;
}

pub async fn owned_guards() {
    let _entered = info_span!("s").entered(); // banned
    task::yield_now().await;
}

pub async fn allowed() {
    task::yield_now().await;
    let span = info_span!("s");
    span.in_scope(|| ());
}
