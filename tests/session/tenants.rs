//! Users of the same name in different tenants are different users.

use super::support::*;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::TenantId;
use request_context::owner::Owner;
use request_context::session::*;

#[derive(Clone, Debug)]
struct Secret;

impl ContextValue for Secret {}

fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

fn ada_of(name: &str) -> Owner {
    owner("ada").with_tenant(tenant(name))
}

impl App {
    /// A request in this context, without a session.
    fn visit_in(&self, context: &RequestContext) -> Request {
        let outbox = Outbox::new();
        Request { context: self.sessions.enter(context, None, &outbox).unwrap(), outbox }
    }

    /// A request of an owner with a fresh session, and with a value of theirs.
    async fn with_secret_of(&self, owner: &Owner) -> Request {
        let (token, _) = self.sessions.create(owner).await.unwrap();
        let request = self.come_back(&token).await.unwrap();
        request.then(request.context.to_builder().insert(Secret).build())
    }
}

async fn log_in(request: &Request, name: &str, to: Option<&str>) -> Request {
    let to = to.map(tenant);
    let log_in = async { Session::current().log_in(user(name), to).await };
    request.then(request.run(log_in).await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_login_in_another_tenant_takes_no_values_along() {
    let app = App::new();
    for (before, to) in [(ada_of("acme"), "other"), (owner("ada"), "acme")] {
        let request = app.with_secret_of(&before).await;
        let after = log_in(&request, "ada", Some(to)).await;
        assert_eq!(after.context.get::<TenantId>(), Some(&tenant(to)));
        assert!(after.context.get::<Secret>().is_none(), "of {before:?}, in {to}");
        assert!(after.context.get::<Sessions>().is_some(), "what the layer put in is there");
        assert_eq!(after.add(1).await.unwrap(), 1);
    }
    // Another user of the same tenant.
    let after = log_in(&app.with_secret_of(&ada_of("acme")).await, "bob", None).await;
    assert!(after.context.get::<Secret>().is_none());
    // The control: the same user of the same tenant.
    for to in [None, Some("acme")] {
        let after = log_in(&app.with_secret_of(&ada_of("acme")).await, "ada", to).await;
        assert!(after.context.get::<Secret>().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn of_the_visitor_of_a_tenant_a_login_in_another_one_takes_nothing_along() {
    let app = App::new();
    for (to, is_kept) in [("acme", true), ("other", false)] {
        let context = RequestContext::builder().insert(tenant("acme")).insert(Secret).build();
        let visitor = app.visit_in(&context);
        let after = log_in(&visitor, "ada", Some(to)).await;
        assert_eq!(after.context.get::<Secret>().is_some(), is_kept);
    }
    let context = RequestContext::builder().insert(Secret).build();
    let after = log_in(&app.visit_in(&context), "ada", Some("acme")).await;
    assert!(after.context.get::<Secret>().is_some(), "there was no tenant before");
}

#[tokio::test(start_paused = true)]
async fn who_is_authenticated_without_a_tenant_has_no_session_of_one() {
    let app = App::new();
    let in_no_tenant = RequestContext::builder().user(user("ada")).build();
    let in_acme = in_no_tenant.to_builder().insert(tenant("acme")).build();
    let in_other = in_no_tenant.to_builder().insert(tenant("other")).build();
    for (owner, accepting) in [
        (ada_of("acme"), [false, true, false]),
        (owner("ada"), [true, false, false]),
        (Owner::nobody().with_tenant(tenant("acme")), [false, false, false]),
    ] {
        let (token, _) = app.sessions.create(&owner).await.unwrap();
        for (context, is_accepted) in
            [&in_no_tenant, &in_acme, &in_other].into_iter().zip(accepting)
        {
            let opened = app.sessions.open(&token).await.unwrap();
            let entered = app.sessions.enter(context, opened, &Outbox::new());
            assert_eq!(entered.is_ok(), is_accepted, "{owner:?} in {context:?}");
            assert!(entered.is_ok() || entered.unwrap_err().is_owner_mismatch());
        }
        // The control: nobody was authenticated before.
        assert!(app.come_back(&token).await.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn anonymous_visitors_of_a_tenant_are_not_one_owner() {
    let app = App::new();
    let context = RequestContext::builder().insert(tenant("acme")).build();
    let visitors = Owner::nobody().with_tenant(tenant("acme"));
    let per_owner = Limits::default().sessions_per_owner;
    for n in 0..=per_owner {
        assert!(app.visit_in(&context).add(1).await.is_ok(), "visitor {n}");
    }
    let visitor = app.visit_in(&context);
    visitor.add(1).await.unwrap();
    assert_eq!(visitor.rotate().await.unwrap().count().await.unwrap(), Some(1));
    // They have no sessions to list, and nobody may end them all at once.
    assert!(app.sessions.list_of(&visitors).await.unwrap().is_empty());
    assert!(app.sessions.delete_all_of(&visitors, None).await.unwrap().is_empty());
    assert!(app.store().list_of(&visitors).is_empty());
    assert!(app.store().delete_all_of(&visitors, None).is_empty());
    assert_eq!((app.double.count("list_of"), app.double.count("delete_all_of")), (0, 0));
    assert_eq!(app.store().len(), per_owner + 2);
    assert!(format!("{:?}", app.store()).contains("owners: 0"));
}
