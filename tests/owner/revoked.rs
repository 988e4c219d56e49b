//! What the end of a session does to what belongs to it, by the sessions that users have.

use crate::support::Drops;
use crate::support::Told;
use request_context::RequestContext;
use request_context::owner::Owned;
use request_context::owner::Owner;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use request_context::session::MemoryStore;
use request_context::session::Outbox;
use request_context::session::Session;
use request_context::session::SessionToken;
use request_context::session::Sessions;
use request_context::session::Timeouts;
use request_context::spawn;
use std::time::Duration;
use tokio::time::advance;

const MINUTE: Duration = Duration::from_secs(60);

fn sessions() -> Sessions {
    let timeouts = Timeouts::new(10 * MINUTE, 600 * MINUTE);
    Sessions::new(MemoryStore::default()).with_timeouts(timeouts)
}

fn owner(user: &str) -> Owner {
    Owner::user(user.parse().unwrap())
}

/// A request with a token of a session that is there.
async fn request(sessions: &Sessions, token: &SessionToken) -> RequestContext {
    let opened = sessions.open(token).await.unwrap();
    assert!(opened.is_some());
    sessions.enter(&RequestContext::new(), opened, &Outbox::new()).unwrap()
}

/// A request in a session of its own.
async fn request_of(sessions: &Sessions, user: &str) -> (SessionToken, RequestContext) {
    let (token, _opened) = sessions.create(&owner(user)).await.unwrap();
    let context = request(sessions, &token).await;
    (token, context)
}

/// Each way in which a session ends, by another request than the one that the test looks at.
async fn end(way: usize, sessions: &Sessions, token: &SessionToken) {
    let other = request(sessions, token).await;
    let within = async {
        let session = Session::current();
        match way {
            0 => session.log_out().await.unwrap(),
            1 => drop(session.rotate().await.unwrap()),
            2 => drop(session.log_in("eve".parse().unwrap(), None).await.unwrap()),
            3 => assert!(sessions.delete(&token.session_id()).await.unwrap()),
            4 => drop(sessions.delete_all_of(&owner("ada"), None).await.unwrap()),
            _ => advance(10 * MINUTE).await,
        }
    };
    other.scope(within).await;
}

const WAYS: usize = 6;

#[tokio::test(start_paused = true)]
async fn what_was_sealed_in_a_session_stays_shut_when_it_is_over_and_nothing_more_is_sealed() {
    for way in 0..WAYS {
        let sessions = sessions();
        let (token, ada) = request_of(&sessions, "ada").await;
        let seal = || (Owned::new(1), Owned::for_session(2), Owned::for_user(3));
        let mut sealed = ada.clone().sync_scope(seal);
        ada.clone().sync_scope(|| assert_eq!((*sealed.0.open(), *sealed.1.open()), (1, 2)));
        end(way, &sessions, &token).await;
        ada.clone().sync_scope(|| {
            assert!(sealed.0.try_open().unwrap_err().is_revoked(), "{way}");
            assert!(sealed.1.try_open_mut().unwrap_err().is_revoked(), "{way}");
            assert!(serde_json::to_string(&sealed.0).is_err(), "{way}");
            assert!(sealed.0.try_into_inner().unwrap_err().is_revoked(), "{way}");
            assert!(Owned::try_new(1).unwrap_err().is_revoked(), "{way}");
            assert!(Owned::try_for_user(1).unwrap_err().is_revoked(), "{way}");
            assert!(Owned::try_for_session(1).unwrap_err().is_revoked(), "{way}");
        });
        // What is the user's own opens in the user's next session.
        let (_, again) = request_of(&sessions, "ada").await;
        again.sync_scope(|| assert_eq!(*sealed.2.open(), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_a_session_that_is_over_is_not_given_out_and_goes_at_the_next_access() {
    for way in 0..WAYS {
        let sessions = sessions();
        let (values, users, drops) =
            (PerSession::<Told>::new(), PerUser::<u32>::new(), Drops::default());
        let (token, ada) = request_of(&sessions, "ada").await;
        ada.clone().sync_scope(|| {
            values.with(|value| value.name("ada's", &drops));
            users.with(|value| *value = 7);
        });
        end(way, &sessions, &token).await;
        let (_, bob) = request_of(&sessions, "bob").await;
        assert!(drops.names().is_empty(), "the end of a session runs no code of the user's");
        bob.sync_scope(|| values.with(|value| assert_eq!(value.name, "")));
        assert_eq!((drops.names(), values.len()), (vec!["ada's".to_owned()], 1), "{way}");
        ada.clone().sync_scope(|| {
            assert!(values.try_with(|_| ()).unwrap_err().is_revoked(), "{way}");
            assert!(users.try_with(|_| ()).unwrap_err().is_revoked(), "{way}");
        });
        let (_, again) = request_of(&sessions, "ada").await;
        again.sync_scope(|| {
            assert_eq!(values.with(|value| value.name.clone()), "", "another session, way {way}");
            assert_eq!(users.with(|value| *value), 7, "the user goes on");
        });
    }
}

#[tokio::test(start_paused = true)]
async fn pruning_drops_what_belongs_to_sessions_that_are_over() {
    for way in 0..WAYS {
        let sessions = sessions();
        let (values, drops) = (PerSession::<Told>::new(), Drops::default());
        let (token, ada) = request_of(&sessions, "ada").await;
        ada.sync_scope(|| values.with(|value| value.name("ada's", &drops)));
        assert_eq!(values.prune(), 0);
        end(way, &sessions, &token).await;
        assert_eq!((values.prune(), drops.names().len(), values.len()), (1, 1, 0), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_and_a_value_in_use_when_the_session_is_logged_out_get_no_more_of_it() {
    static VALUES: PerSession<Told> = PerSession::new();
    let sessions = sessions();
    let drops = Drops::default();
    let (token, ada) = request_of(&sessions, "ada").await;
    let other = request(&sessions, &token).await;
    ada.clone().sync_scope(|| VALUES.with(|value| value.name("ada's", &drops)));
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let task = ada.clone().sync_scope(|| {
        let sealed = Owned::new(1);
        spawn(async move {
            gone.await.unwrap();
            let opens = sealed.try_open().copied();
            (opens, VALUES.try_with(|_| ()))
        })
    });
    let log_out = async { Session::current().log_out().await.unwrap() };
    // In use while it ends: dropped after that use.
    ada.clone().sync_scope(|| {
        VALUES.with(|value| {
            futures::executor::block_on(other.scope(log_out));
            assert_eq!((value.name.as_str(), VALUES.prune()), ("ada's", 1));
            assert!(drops.names().is_empty());
        });
    });
    assert_eq!(drops.names(), ["ada's"]);
    go.send(()).unwrap();
    let (opens, has) = task.await.unwrap();
    assert!(opens.unwrap_err().is_revoked() && has.unwrap_err().is_revoked());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_used_keeps_its_value_and_expires_with_it() {
    let sessions = sessions();
    let values = PerSession::<u32>::new();
    let (_, ada) = request_of(&sessions, "ada").await;
    ada.clone().sync_scope(|| values.with(|value| *value = 7));
    for _ in 0..5 {
        advance(9 * MINUTE).await;
        let touch = async { Session::current().touch().await.unwrap() };
        ada.clone().scope(touch).await;
        assert_eq!(ada.clone().sync_scope(|| values.with(|value| *value)), 7);
    }
    advance(10 * MINUTE).await;
    assert!(ada.sync_scope(|| values.try_with(|_| ())).unwrap_err().is_revoked());
    assert_eq!((values.prune(), values.len()), (0, 0), "the access has dropped it");
}

#[tokio::test(start_paused = true)]
async fn of_1000_sessions_the_values_of_those_that_are_logged_out_everywhere_go() {
    let sessions = sessions();
    let (values, drops) = (PerSession::<Told>::new(), Drops::default());
    let mut requests = Vec::new();
    for n in 0..1000 {
        let user = if n % 2 == 0 { "ada".to_owned() } else { format!("user-{n}") };
        // An owner may have a hundred sessions.
        let user = if n >= 200 { format!("user-{n}") } else { user };
        let (_, context) = request_of(&sessions, &user).await;
        context.clone().sync_scope(|| values.with(|value| value.name(&user, &drops)));
        requests.push(context);
    }
    let ended = sessions.delete_all_of(&owner("ada"), None).await.unwrap().len();
    assert_eq!(values.prune(), ended);
    assert_eq!((ended, values.len()), (100, 900));
    assert!(drops.names().iter().all(|name| name == "ada"));
    for (n, context) in requests.into_iter().enumerate() {
        let is_adas = n < 200 && n % 2 == 0;
        let has = context.sync_scope(|| values.try_with(|value| value.name.clone()));
        assert_eq!(has.is_err(), is_adas, "{n}");
    }
}
