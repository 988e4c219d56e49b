//! A login: another session, another token, nothing taken along.

use super::support::*;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::TenantId;
use request_context::session::*;

struct Secret(#[expect(dead_code, reason = "stands for alice's state")] u32);

impl ContextValue for Secret {}

#[tokio::test(start_paused = true)]
async fn the_context_returned_is_the_new_users() {
    let app = App::new();
    let visitor = app.visit();
    visitor.add(5).await.unwrap();
    let anonymous = visitor.session().id().unwrap();
    let ada = visitor.log_in("ada").await.unwrap();
    assert_eq!(ada.context.user(), Some(&user("ada")));
    assert_eq!(ada.context.request_id(), visitor.context.request_id());
    assert_eq!(ada.context.session().cloned(), ada.session().id());
    assert_ne!(ada.session().id(), Some(anonymous.clone()));
    assert_eq!(ada.count().await.unwrap(), None, "what an anonymous visitor stored is not hers");
    assert_eq!(ada.add(1).await.unwrap(), 1);
    assert!(app.store().load(&anonymous).is_none());
    assert!(visitor.count().await.unwrap_err().is_revoked());
    assert!(visitor.add(1).await.unwrap_err().is_revoked());
    assert!(visitor.log_in("bob").await.err().unwrap().is_revoked());
    assert_eq!(app.store().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_session_before_a_login_makes_one_and_ends_the_old_handle() {
    let app = App::new();
    let visitor = app.visit();
    let ada = visitor.log_in("ada").await.unwrap();
    assert!(visitor.add(1).await.unwrap_err().is_revoked());
    assert!(visitor.count().await.unwrap_err().is_revoked());
    assert_eq!(ada.add(1).await.unwrap(), 1);
    assert_eq!((app.store().len(), app.double.count("create")), (1, 1));
    let token = ada.respond().unwrap();
    assert_eq!(app.come_back(&token).await.unwrap().count().await.unwrap(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn the_same_user_again_keeps_the_data_under_another_token() {
    let app = App::new();
    let request = app.request_of("ada").await;
    request.add(3).await.unwrap();
    let again = request.log_in("ada").await.unwrap();
    assert_eq!(again.count().await.unwrap(), Some(3));
    assert_ne!(again.session().id(), request.session().id());
    assert!(request.count().await.unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn of_another_users_values_nothing_is_in_the_new_context() {
    let app = App::new();
    let alice = app.request_of("alice").await;
    let alice = alice.then(alice.context.to_builder().insert(Secret(7)).build());
    let bob = alice.log_in("bob").await.unwrap();
    assert!(alice.context.get::<Secret>().is_some());
    assert!(bob.context.get::<Secret>().is_none());
    assert!(bob.context.get::<Sessions>().is_some(), "what the layer put in is there");
}

#[tokio::test(start_paused = true)]
async fn the_tenant_is_the_one_given_or_that_of_the_context() {
    let app = App::new();
    let [one, other]: [TenantId; 2] = ["one", "other"].map(|tenant| tenant.parse().unwrap());
    let visit = || {
        let outbox = Outbox::new();
        let context = RequestContext::builder().insert(one.clone()).build();
        Request { context: app.sessions.enter(&context, None, &outbox).unwrap(), outbox }
    };
    for (given, expected) in [(None, &one), (Some(other.clone()), &other)] {
        let request = visit();
        let log_in = async { Session::current().log_in(user("ada"), given).await };
        let context = request.run(log_in).await.unwrap();
        let ada = request.then(context);
        assert_eq!(ada.context.get::<TenantId>(), Some(expected));
        ada.add(1).await.unwrap();
        let token = ada.respond().unwrap();
        let record = app.store().load(&token.session_id()).unwrap();
        assert_eq!(record.owner, owner("ada").with_tenant(expected.clone()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_the_request_has_the_user_also_after_the_handler() {
    let app = App::new();
    let visitor = app.visit();
    let ada = visitor.log_in("ada").await.unwrap();
    let rotated = ada.rotate().await.unwrap();
    rotated.add(2).await.unwrap();
    assert_eq!(rotated.context.user(), Some(&user("ada")));
    assert_eq!(rotated.context.session().cloned(), rotated.session().id());
    assert!(ada.count().await.unwrap_err().is_revoked());
    assert!(ada.context.is_revoked() && !rotated.context.is_revoked());
}
