//! How far a value travels: this scope, child work, detached work.

use crate::support::current_thread;
use crate::support::on_each_runtime;
use request_context::ContextExt;
use request_context::ContextValue;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::Reach;
use request_context::RequestContext;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_detached;
use request_context::spawn_local;
use request_context::spawn_with;
use request_context::thread;
use request_context::try_spawn_detached;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

struct Transaction;
impl ContextValue for Transaction {
    const REACH: Reach = Reach::Scope;
}

struct Tenant(u32);
impl ContextValue for Tenant {}

struct Locale(&'static str);
impl ContextValue for Locale {
    const REACH: Reach = Reach::Beyond;
}

type Values = (bool, Option<u32>, Option<&'static str>);

const ALL: Values = (true, Some(7), Some("de"));
const OF_CHILDREN: Values = (false, Some(7), Some("de"));
const BEYOND: Values = (false, None, Some("de"));

fn values() -> Values {
    values_of(&RequestContext::current())
}

fn values_of(context: &RequestContext) -> Values {
    (
        context.get::<Transaction>().is_some(),
        context.get::<Tenant>().map(|tenant| tenant.0),
        context.get::<Locale>().map(|locale| locale.0),
    )
}

fn with_values() -> RequestContext {
    RequestContext::builder().insert(Transaction).insert(Tenant(7)).insert(Locale("de")).build()
}

#[test]
fn a_value_that_says_nothing_reaches_child_work() {
    assert_eq!(Tenant::REACH, Reach::Children);
}

#[test]
fn exactly_the_context_given_keeps_every_value() {
    on_each_runtime(async || {
        assert_eq!(async { values() }.in_context(with_values()).await, ALL);
        assert_eq!(with_values().scope(async { values() }).await, ALL);
        assert_eq!(with_values().sync_scope(values), ALL);
    });
}

#[test]
fn child_tasks_see_what_reaches_children_and_beyond() {
    on_each_runtime(|| {
        with_values().scope(async {
            let carried = async { values() }.in_current_context();
            assert_eq!(carried.await, OF_CHILDREN);
            assert_eq!(spawn(async { values() }).await.unwrap(), OF_CHILDREN);
            assert_eq!(spawn_blocking(values).await.unwrap(), OF_CHILDREN);

            let handle = Handle::current();
            let task = handle.spawn_in_context(async { values() });
            assert_eq!(task.await.unwrap(), OF_CHILDREN);
            let task = handle.spawn_blocking_in_context(values);
            assert_eq!(task.await.unwrap(), OF_CHILDREN);

            let mut set = JoinSet::new();
            set.spawn_in_context(async { values() });
            set.spawn_blocking_in_context(values);
            assert_eq!(set.join_all().await, [OF_CHILDREN; 2]);
            assert_eq!(values(), ALL);
        })
    });
}

#[test]
fn local_tasks_see_what_reaches_children_and_beyond() {
    let local = LocalSet::new();
    let by_set = with_values().sync_scope(|| local.spawn_local_in_context(async { values() }));
    let test = with_values().scope(async {
        assert_eq!(by_set.await.unwrap(), OF_CHILDREN);
        assert_eq!(spawn_local(async { values() }).await.unwrap(), OF_CHILDREN);
        let mut set = JoinSet::new();
        set.spawn_local_in_context(async { values() });
        assert_eq!(set.join_all().await, [OF_CHILDREN]);
    });
    local.block_on(&current_thread(), test);
}

#[test]
fn threads_closures_and_other_spawners_see_what_reaches_children_and_beyond() {
    with_values().sync_scope(|| {
        assert_eq!(thread::spawn(values).join().unwrap(), OF_CHILDREN);
        assert_eq!(carry(values)(), OF_CHILDREN);
        assert_eq!(carry_mut(|()| values())(()), OF_CHILDREN);
        assert_eq!(carry_fn(|()| values())(()), OF_CHILDREN);
        let task = spawn_with(async { values() }, smol::spawn);
        assert_eq!(smol::block_on(task), OF_CHILDREN);
        assert_eq!(values(), ALL);
    });
}

#[test]
fn grandchildren_see_what_reaches_children() {
    on_each_runtime(|| {
        with_values().scope(async {
            let task = spawn(async { spawn(async { values() }).await.unwrap() });
            assert_eq!(task.await.unwrap(), OF_CHILDREN);
        })
    });
}

#[test]
fn a_child_may_be_given_its_own_value_that_stays_in_its_scope() {
    on_each_runtime(|| {
        with_values().scope(async {
            let task = spawn(async {
                let mine = RequestContext::current().to_builder();
                let mine = mine.insert(Transaction).build();
                mine.scope(async { values() }).await
            });
            assert_eq!(task.await.unwrap(), ALL);
        })
    });
}

#[test]
fn detached_tasks_see_only_what_reaches_beyond() {
    on_each_runtime(|| {
        with_values().scope(async {
            let task = spawn_detached(async { values() });
            assert_eq!(task.await.unwrap(), BEYOND);
            let task = try_spawn_detached(async { values() }).unwrap();
            assert_eq!(task.await.unwrap(), BEYOND);
            let from_child = spawn(async { spawn_detached(async { values() }).await.unwrap() });
            assert_eq!(from_child.await.unwrap(), BEYOND);
            assert_eq!(values_of(&RequestContext::current().detach()), BEYOND);
        })
    });
}

#[test]
fn child_work_of_detached_work_sees_what_that_sees() {
    on_each_runtime(|| {
        with_values().scope(async {
            let task = spawn_detached(async { spawn(async { values() }).await.unwrap() });
            assert_eq!(task.await.unwrap(), BEYOND);
        })
    });
}
