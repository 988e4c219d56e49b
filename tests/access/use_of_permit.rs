//! Where a permit holds, and where it does not.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::of;
use crate::support::portal;
use crate::support::request;
use crate::support::user;
use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::Permit;
use request_context::access::PermitError;
use request_context::access::policy::Policy;
use request_context::owner::Owner;
use request_context::owner::TenantId;
use request_context::session::MemoryStore;
use request_context::session::Outbox;
use request_context::session::Sessions;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use std::error::Error;
use std::sync::Arc;
use std::sync::OnceLock;
use tower::Layer;
use tower::Service;

async fn permit_in(context: &RequestContext) -> Permit<Chart> {
    let asked = async move { access::authorize(Action::Read, &chart()).await };
    context.clone().scope(asked).await.unwrap()
}

/// What the permit says to each use of it in that context.
fn used_in(context: &RequestContext, permit: &Permit<Chart>) -> Result<(), PermitError> {
    context.clone().sync_scope(|| {
        let used = permit.resource().map(|resource| assert_eq!(*resource, chart()));
        assert_eq!(permit.resource_to(Action::Read).map(drop), used);
        assert_eq!(permit.check(), used);
        assert_eq!(permit.record().map(drop), used);
        let rechecked = pollster::block_on(permit.recheck());
        assert_eq!(rechecked.err().and_then(|e| e.as_permit_error().cloned()), used.clone().err());
        used
    })
}

#[tokio::test]
async fn it_holds_in_its_request_also_in_child_work_and_in_derived_contexts() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    assert_eq!(used_in(&context, &permit), Ok(()));
    let derived = context.to_builder().insert(access::Purpose::new("TREAT")).build();
    assert_eq!(used_in(&derived, &permit), Ok(()));
    let child = context.scope(async move {
        request_context::spawn(async move { permit.resource().is_ok() }).await.unwrap()
    });
    assert!(child.await);
}

#[tokio::test]
async fn it_does_not_hold_for_another_user_tenant_or_session_of_the_same_request() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let tenant: TenantId = "clinic".parse().unwrap();
    for other in [
        context.to_builder().user(user("eve")).build(),
        context.to_builder().session("s-other".parse().unwrap()).build(),
        context.to_builder().insert(tenant).build(),
        context.sign_in(Identity::new(user("eve"))),
        // The user is the same, the session is left behind.
        context.sign_in(Identity::new(user("pat"))),
        context.detach(),
    ] {
        assert!(used_in(&other, &permit).unwrap_err().is_other_owner(), "{other:?}");
    }
    assert_eq!(used_in(&context, &permit), Ok(()));
}

#[tokio::test]
async fn it_does_not_hold_in_another_request_of_the_same_user_and_session() {
    let lines = Lines::default();
    let permit = permit_in(&of("pat", "", &lines)).await;
    let error = used_in(&of("pat", "", &lines), &permit).unwrap_err();
    assert!(error.is_other_request(), "{error}");
    // A request is more than its ID: a retry may bring the same one.
    let same_id = request(Policy::new(portal()), &lines).user(user("pat"));
    let same_id = same_id.session("s-pat".parse().unwrap());
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let same_id = same_id.request_id(context.request_id().clone()).build();
    assert!(used_in(&same_id, &permit).unwrap_err().is_other_request());
}

#[tokio::test]
async fn it_does_not_hold_outside_every_scope() {
    let permit = permit_in(&of("pat", "", &Lines::default())).await;
    let error = permit.resource().unwrap_err();
    assert!(error.is_outside() && error.source().is_some(), "{error}");
    assert!(permit.record().is_err());
    assert!(permit.recheck().await.unwrap_err().as_permit_error().unwrap().is_outside());
}

#[tokio::test]
async fn it_is_for_its_action_alone() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let error = context.sync_scope(|| permit.resource_to(Action::Update).unwrap_err());
    assert!(error.is_other_action(), "{error}");
}

#[tokio::test]
async fn it_does_not_hold_once_the_session_is_over_and_none_is_given_any_more() {
    let lines = Lines::default();
    let sessions = Sessions::new(MemoryStore::default());
    let owner = Owner::user(user("pat"));
    let (_, opened) = sessions.create(&owner).await.unwrap();
    let id = opened.id().clone();
    let context = request(Policy::new(portal()), &lines).build();
    let context = sessions.enter(&context, Some(opened), &Outbox::default()).unwrap();
    let permit = permit_in(&context).await;
    assert_eq!(used_in(&context, &permit), Ok(()));

    sessions.delete(&id).await.unwrap();
    let error = used_in(&context, &permit).unwrap_err();
    assert!(error.is_revoked(), "{error}");
    let asked = context.scope(async { access::authorize(Action::Read, &chart()).await });
    let error = asked.await.unwrap_err();
    assert!(error.is_revoked(), "{error}");
    let record = lines.last();
    assert_eq!(record["outcome"], "denied");
    assert_eq!(record["reason"], "the session is over");
}

#[tokio::test]
async fn it_does_not_hold_after_the_end_of_its_request_but_one_that_is_given_then_does() {
    let lines = Lines::default();
    let kept = Arc::<OnceLock<(RequestContext, Permit<Chart>)>>::default();
    let keep = Arc::clone(&kept);
    let service = tower::service_fn(move |_: Request| {
        let keep = Arc::clone(&keep);
        async move {
            let context = RequestContext::current().sign_in(Identity::new(user("pat")));
            let permit = permit_in(&context).await;
            assert!(keep.set((context, permit)).is_ok());
            Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("x")))
        }
    });
    let layer = RequestContextLayer::new().insert(Policy::new(portal())).insert(lines.trail());
    let response = layer.layer(service).call(Request::new(Body::empty())).await.unwrap();
    let (context, permit) = kept.get().unwrap();
    assert_eq!(used_in(context, permit), Ok(()), "the body is still to be sent");
    response.into_body().collect().await.unwrap();
    let error = used_in(context, permit).unwrap_err();
    assert!(error.is_ended(), "{error}");
    // As in a WebSocket, which outlives its handshake: the policy has been asked anew.
    let anew = permit_in(context).await;
    assert_eq!(used_in(context, &anew), Ok(()));
}

#[tokio::test]
async fn what_is_done_by_it_is_on_record_at_the_callers_line() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let (access, line) = context.sync_scope(|| (permit.record().unwrap().count(2), line!()));
    access.await.unwrap();
    let record = lines.last();
    assert_eq!((&record["event"], &record["outcome"]), (&"access".into(), &"allowed".into()));
    assert_eq!((&record["resource.id"], &record["count"]), (&"c-7".into(), &2.into()));
    assert_eq!(record["source"], format!("{}:{line}", file!()));
}

#[tokio::test]
async fn a_recheck_asks_the_policy_about_the_current_context_and_is_on_record() {
    let lines = Lines::default();
    let doctor = of("dora", "doctor", &lines);
    let permit = permit_in(&doctor).await;
    doctor.clone().scope(async { permit.recheck().await.unwrap() }).await;
    let dismissed = doctor.to_builder().insert(access::policy::Roles::default()).build();
    let error = dismissed.scope(async { permit.recheck().await.unwrap_err() }).await;
    assert!(error.is_denied(), "{error}");
    let outcomes: Vec<_> = lines.records().iter().map(|r| r["outcome"].clone()).collect();
    assert_eq!(outcomes, ["allowed", "allowed", "denied"]);
}

/// What is on record once the trail is closed: nobody waits for the record of a misuse.
async fn all_records(context: &RequestContext, lines: &Lines) -> Vec<serde_json::Value> {
    let trail: access::trail::Trail = context.get::<access::trail::Trail>().unwrap().clone();
    trail.close().await.unwrap();
    lines.records()
}

#[tokio::test]
async fn that_somebody_else_tries_it_is_on_record_with_who_where_and_whose_it_was() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let eve = context.to_builder().user(user("eve")).build();
    let line = eve.sync_scope(|| {
        assert!(permit.resource().is_err());
        line!() - 1
    });
    let records = all_records(&context, &lines).await;
    assert_eq!(records.len(), 2, "{records:?}");
    let given_in = context.request_id();
    for (name, expected) in [
        ("event", "access"),
        ("outcome", "denied"),
        ("action", "read"),
        ("resource.type", "Chart"),
        ("resource.id", "c-7"),
        ("owner.user.id", "pat"),
        ("user.id", "eve"),
        ("reason", &format!("the permit is somebody else's; it was given in request {given_in}")),
        ("source", &format!("{}:{line}", file!())),
    ] {
        assert_eq!(records[1][name], expected, "{name}: {}", records[1]);
    }
}

#[tokio::test]
async fn each_way_to_try_it_in_vain_is_on_record_once() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let permit = permit_in(&context).await;
    let other = of("pat", "", &Lines::default());
    other.clone().sync_scope(|| {
        let before = other.get::<access::trail::Trail>().unwrap().stats().records;
        assert_eq!(before, 1, "its trail was opened");
        assert!(permit.resource().is_err());
        assert!(permit.resource_to(Action::Read).is_err());
        assert!(permit.check().is_err());
        assert!(permit.record().is_err());
        drop(permit.recheck());
    });
    let trail = other.get::<access::trail::Trail>().unwrap();
    trail.close().await.unwrap();
    assert_eq!(trail.stats().records, 1 + 5 + 1, "opened, tried, closed");
    let records = all_records(&context, &lines).await;
    assert_eq!(records.len(), 1, "it is on record where it was tried: {records:?}");
}

#[tokio::test]
async fn another_action_a_session_that_is_over_and_no_scope_at_all_are_on_record_too() {
    let lines = Lines::default();
    let sessions = Sessions::new(MemoryStore::default());
    let (_, opened) = sessions.create(&Owner::user(user("pat"))).await.unwrap();
    let id = opened.id().clone();
    let context = request(Policy::new(portal()), &lines).build();
    let context = sessions.enter(&context, Some(opened), &Outbox::default()).unwrap();
    let permit = permit_in(&context).await;
    context.clone().sync_scope(|| permit.resource_to(Action::Update).map(drop).unwrap_err());
    sessions.delete(&id).await.unwrap();
    context.clone().sync_scope(|| permit.resource().map(drop).unwrap_err());
    permit.resource().unwrap_err();
    let records = all_records(&context, &lines).await;
    let said: Vec<_> = records[1..]
        .iter()
        .map(|record| {
            let reason = record["reason"].as_str().unwrap().split(';').next().unwrap();
            (record["action"].as_str().unwrap(), reason, record.get("user.id").is_some())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("update", "the permit is for another action", true),
            ("read", "the session is over", true),
            ("read", "a permit is used outside every scope", false),
        ]
    );
    assert!(records.iter().all(|record| record["outcome"] != "error"));
}
