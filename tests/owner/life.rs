//! How long a value lives, and whose context it is dropped in.

#![expect(clippy::disallowed_methods, reason = "each thread enters a context of its own")]

use crate::support::Drops;
use crate::support::Told;
use crate::support::of_tenant;
use crate::support::request;
use request_context::RequestContext;
use request_context::TenantId;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::advance;

const MINUTE: Duration = Duration::from_secs(60);
const INSTANT: Duration = Duration::from_nanos(1);

#[tokio::test(start_paused = true)]
async fn a_value_that_is_not_used_for_thirty_minutes_is_dropped_at_the_next_access_of_anybody() {
    let (values, drops) = (PerSession::<Told>::new(), Drops::default());
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    ada.sync_scope(|| values.with(|value| value.name("ada's", &drops)));
    advance(30 * MINUTE - INSTANT).await;
    bob.clone().sync_scope(|| values.with(|value| value.name("bob's", &drops)));
    assert_eq!((drops.names().len(), values.len()), (0, 2), "not a nanosecond too early");
    advance(INSTANT).await;
    assert_eq!((drops.names().len(), values.len()), (0, 2), "nothing happens by itself");
    bob.sync_scope(|| values.with(|_| ()));
    assert_eq!(drops.names(), ["ada's"]);
    assert_eq!(values.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_due_is_not_given_out_again_to_its_owner_either() {
    let values = PerSession::<u32>::new().idle_timeout(MINUTE);
    let ada = request("ada", "a1");
    ada.clone().sync_scope(|| values.with(|value| *value = 7));
    advance(MINUTE).await;
    assert_eq!(ada.sync_scope(|| values.with(|value| *value)), 0);
}

#[tokio::test(start_paused = true)]
async fn each_use_begins_the_idle_time_anew() {
    let values = PerSession::<u32>::new().idle_timeout(MINUTE);
    let ada = request("ada", "a1");
    for count in 0..100 {
        let before =
            ada.clone().sync_scope(|| values.with(|value| std::mem::replace(value, *value + 1)));
        assert_eq!(before, count);
        advance(MINUTE - INSTANT).await;
        assert_eq!(values.prune(), 0);
    }
    advance(INSTANT).await;
    assert_eq!(values.prune(), 1);
}

#[tokio::test(start_paused = true)]
async fn pruning_drops_what_is_due_and_needs_no_context() {
    let (values, drops) = (PerUser::<Told>::new(), Drops::default());
    assert_eq!(values.prune(), 0);
    for n in 0..1000 {
        let name = format!("user{n}");
        request(&name, "").sync_scope(|| values.with(|value| value.name(&name, &drops)));
    }
    advance(10 * MINUTE).await;
    for n in 0..10 {
        request(&format!("user{n}"), "").sync_scope(|| values.with(|_| ()));
    }
    advance(20 * MINUTE).await;
    assert_eq!(values.prune(), 990);
    assert_eq!((values.len(), drops.names().len()), (10, 990));
    advance(10 * MINUTE).await;
    assert_eq!((values.prune(), values.prune()), (10, 0));
    assert!(values.is_empty());
}

#[tokio::test(start_paused = true)]
async fn all_of_many_go_at_once() {
    // More than one batch of each shard.
    let values = PerUser::<u32>::new();
    for n in 0..20_000 {
        request(&format!("user{n}"), "").sync_scope(|| values.with(|_| ()));
    }
    advance(30 * MINUTE).await;
    assert_eq!((values.prune(), values.len()), (20_000, 0));
}

#[tokio::test(start_paused = true)]
async fn a_value_in_use_is_not_idle() {
    let (values, drops) = (PerSession::<Told>::new().idle_timeout(MINUTE), Drops::default());
    let values = Arc::new(values);
    let (in_use, is_in_use) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let user = thread::spawn({
        let (values, drops, runtime) = (Arc::clone(&values), drops.clone(), Handle::current());
        move || {
            // The clock is that of the runtime.
            let _entered = runtime.enter();
            request("ada", "a1").sync_scope(|| {
                values.with(|value| {
                    value.name("ada's", &drops);
                    in_use.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    drops.names()
                })
            })
        }
    });
    is_in_use.recv().unwrap();
    advance(2 * MINUTE).await;
    assert_eq!(values.prune(), 0);
    go_on.send(()).unwrap();
    assert!(user.join().unwrap().is_empty());
    assert_eq!(values.len(), 1);
    advance(INSTANT).await;
    assert_eq!((values.prune(), drops.names().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_value_is_dropped_in_a_context_of_its_owner_whoever_makes_it_go() {
    let (values, drops) = (PerSession::<Told>::new().idle_timeout(MINUTE), Drops::default());
    let ada = of_tenant("acme", &request("ada", "a1"));
    ada.clone().sync_scope(|| values.with(|value| value.name("ada's", &drops)));
    advance(MINUTE).await;
    let bob = request("bob", "b7");
    bob.clone().sync_scope(|| {
        values.with(|_| ());
        assert_eq!(RequestContext::current().user(), bob.user(), "the scope is restored");
    });
    let contexts = drops.contexts();
    let context = contexts[0].as_ref().unwrap();
    assert_eq!((context.user(), context.session()), (ada.user(), ada.session()));
    assert_eq!(context.get::<TenantId>().unwrap().as_str(), "acme");
    assert_ne!(context.request_id(), ada.request_id(), "its request is long over");
    assert_ne!(context.request_id(), bob.request_id());
}

#[test]
fn what_is_left_is_dropped_with_the_whole_and_in_contexts_of_the_owners() {
    let (values, drops) = (PerUser::<Told>::new(), Drops::default());
    for user in ["ada", "bob"] {
        request(user, "").sync_scope(|| values.with(|value| value.name(user, &drops)));
    }
    drop(values);
    for (name, context) in drops.names().iter().zip(drops.contexts()) {
        assert_eq!(context.unwrap().user().unwrap().as_str(), name);
    }
    assert_eq!(drops.names().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_dropped_may_use_the_others() {
    static VALUES: PerUser<Nested> = PerUser::new().idle_timeout(MINUTE);
    #[derive(Default)]
    struct Nested(u32);
    impl Drop for Nested {
        fn drop(&mut self) {
            if self.0 == 1 {
                VALUES.with(|other| other.0 = 2);
            }
        }
    }
    let ada = request("ada", "");
    ada.clone().sync_scope(|| VALUES.with(|value| value.0 = 1));
    advance(MINUTE).await;
    assert_eq!(VALUES.prune(), 1);
    assert_eq!(ada.sync_scope(|| VALUES.with(|value| value.0)), 2, "nothing was locked");
}
