//! Programs of random contexts and accesses, against the simplest model: a map by the whole owner.

use crate::support::request;
use proptest::prelude::*;
use request_context::RequestContext;
use request_context::TenantId;
use request_context::owner::Owned;
use request_context::owner::OwnedError;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::advance;

type Who = (Option<u8>, Option<u8>, Option<u8>);

#[derive(Clone, Debug)]
enum Step {
    PerSession(Who),
    PerUser(Who),
    Seal(Who),
    Open(Who, prop::sample::Index),
    Wait(u8),
}

const IDLE: u64 = 20;
const MAX: usize = 6;

fn who() -> impl Strategy<Value = Who> {
    let some = || prop::option::weighted(0.8, 0..3_u8);
    (prop::option::weighted(0.4, 0..2_u8), some(), some())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => who().prop_map(Step::PerSession),
        3 => who().prop_map(Step::PerUser),
        1 => who().prop_map(Step::Seal),
        2 => (who(), any::<prop::sample::Index>()).prop_map(|(who, which)| Step::Open(who, which)),
        2 => (1..IDLE as u8 + 5).prop_map(Step::Wait),
    ]
}

fn context((tenant, user, session): Who) -> RequestContext {
    let name =
        |prefix: &str, id: Option<u8>| id.map_or(String::new(), |id| format!("{prefix}{id}"));
    let context = request(&name("u", user), &name("s", session));
    match tenant {
        Some(tenant) => {
            let tenant: TenantId = format!("t{tenant}").parse().unwrap();
            context.to_builder().insert(tenant).build()
        }
        None => context,
    }
}

#[derive(Default)]
struct Model {
    /// The value, and when it was used.
    values: HashMap<Who, (u64, u64)>,
}

impl Model {
    fn with(&mut self, who: Who, now: u64, count: u64) -> Result<u64, &'static str> {
        self.values.retain(|_, (_, used)| *used + IDLE > now);
        if !self.values.contains_key(&who) && self.values.len() == MAX {
            return Err("full");
        }
        let (value, used) = self.values.entry(who).or_default();
        *used = now;
        Ok(std::mem::replace(value, count))
    }
}

fn told(result: Result<u64, OwnedError>) -> Result<u64, &'static str> {
    result.map_err(|error| match error {
        _ if error.is_full() => "full",
        _ if error.is_missing_identity() => "missing",
        _ if error.is_other_owner() => "other",
        _ => "what else",
    })
}

async fn run(steps: Vec<Step>) {
    let idle = Duration::from_secs(IDLE);
    let sessions = PerSession::<u64>::new().idle_timeout(idle).max(MAX);
    let users = PerUser::<u64>::new().idle_timeout(idle).max(MAX);
    let (mut of_sessions, mut of_users) = (Model::default(), Model::default());
    let mut sealed = Vec::<(Who, Owned<u64>)>::new();
    let mut now = 0;
    for (count, step) in (1..).zip(steps) {
        match step {
            Step::PerSession(who) => {
                let found = context(who)
                    .sync_scope(|| sessions.try_with(|value| std::mem::replace(value, count)));
                let expected = if who.2.is_none() {
                    Err("missing")
                } else {
                    of_sessions.with(who, now, count)
                };
                assert_eq!(told(found), expected, "{who:?}");
            }
            Step::PerUser(who) => {
                let found = context(who)
                    .sync_scope(|| users.try_with(|value| std::mem::replace(value, count)));
                let (tenant, user, _) = who;
                let expected = match user {
                    None => Err("missing"),
                    Some(_) => of_users.with((tenant, user, None), now, count),
                };
                assert_eq!(told(found), expected, "{who:?}");
            }
            Step::Seal(who) => match context(who).sync_scope(|| Owned::try_new(count)) {
                Ok(value) => sealed.push((who, value)),
                Err(error) => {
                    assert!(error.is_missing_identity());
                    assert_eq!((who.1, who.2), (None, None));
                }
            },
            Step::Open(who, which) if !sealed.is_empty() => {
                let (owner, value) = which.get(&sealed);
                let found = context(who).sync_scope(|| value.try_open().copied());
                let is_the_same = owner.0 == who.0
                    && owner.1.is_none_or(|user| who.1 == Some(user))
                    && owner.2.is_none_or(|session| who.2 == Some(session));
                assert_eq!(found.is_ok(), is_the_same, "{owner:?} {who:?}");
            }
            Step::Open(..) => {}
            Step::Wait(seconds) => {
                now += u64::from(seconds);
                advance(Duration::from_secs(seconds.into())).await;
            }
        }
    }
}

proptest! {
    #[test]
    fn every_access_answers_as_a_map_by_the_whole_owner_would(
        steps in prop::collection::vec(step(), 1..200),
    ) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(run(steps));
    }
}
