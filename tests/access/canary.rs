//! Whatever a request, its policy and its data hold: nothing of it is on record that is not a name.

use crate::support::Lines;
use crate::support::request;
use crate::support::user;
use pollster::block_on;
use proptest::prelude::*;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::Resource;
use request_context::access::policy::Policy;
use request_context::access::policy::Question;
use request_context::access::policy::Verdict;
use request_context::access::trail::ChainKey;
use request_context::access::trail::Encoding;
use request_context::access::trail::Trail;
use std::borrow::Cow;

/// What a value of the context may hold: a bearer token, a cookie, a password.
#[expect(dead_code, reason = "it must not be read")]
struct Credential(String);
impl ContextValue for Credential {}

/// A resource that has its data with it, against the advice.
#[derive(Clone)]
struct Finding {
    #[expect(dead_code, reason = "it must not be read")]
    payload: String,
}

impl Resource for Finding {
    const TYPE: &'static str = "finding";

    fn id(&self) -> Cow<'_, str> {
        "f-1".into()
    }
}

const ENCODINGS: [Encoding; 3] = [Encoding::Json, Encoding::Ocsf, Encoding::Ecs];

/// What the policy answers: each may have seen the data, and its error tells of it.
fn policy(answer: usize, canary: String) -> Policy {
    Policy::new(move |_: &Question<'_>| match answer {
        0 => Verdict::allow(),
        1 => Verdict::deny("no rule allows it"),
        2 => Verdict::failed(format!("cannot parse {canary}")),
        3 => Verdict::break_glass(),
        // A panic that no hook prints.
        _ => std::panic::resume_unwind(Box::new(canary.clone())),
    })
}

/// Everything that goes on record: a decision, an access, a misuse, a recheck.
fn do_all(context: &RequestContext, finding: &Finding) {
    let in_it = |context: &RequestContext| {
        context.clone().sync_scope(|| access::authorize(Action::Read, finding))
    };
    let asked = [in_it(context), in_it(context).break_glass("unconscious")];
    for asked in asked {
        if let Ok(permit) = block_on(asked.into_future()) {
            context.clone().sync_scope(|| {
                block_on(permit.record().unwrap().count(1).into_future()).unwrap();
                block_on(permit.recheck()).ok();
            });
            RequestContext::new().sync_scope(|| assert!(permit.resource().is_err()));
            assert!(permit.resource().is_err());
        }
    }
    let access = context.clone().sync_scope(|| access::record(Action::Update, finding));
    block_on(access.into_future()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_credential_no_data_no_key_and_no_error_of_the_policy_is_on_record(
        canaries in proptest::array::uniform3("SECRET-[a-zA-Z0-9+/]{16,64}"),
        key in proptest::array::uniform32(1..=255_u8),
        answer in 0..5_usize,
        which in 0..3_usize,
    ) {
        let [credential, payload, error] = canaries.clone();
        let lines = Lines::default();
        let builder = Trail::builder("records").encoding(ENCODINGS[which]).key(ChainKey::new(key));
        let trail = builder.open(lines.clone()).unwrap();
        let context = request(policy(answer, error), &lines).user(user("pat"));
        let context = context.insert(Credential(credential)).insert(trail.clone()).build();
        do_all(&context, &Finding { payload });
        block_on(trail.close()).unwrap();
        let text = lines.text();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert!(text.contains("f-1") && text.contains("pat"));
        prop_assert!(!text.contains("SECRET") && !text.contains(&hex), "{}", text);
        for canary in &canaries {
            // Nor cut in two.
            prop_assert!(!text.contains(&canary[canary.len() / 2..]), "{}", text);
        }
    }
}
