//! The portal's policy: who may what, as a table.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::of;
use crate::support::request;
use crate::support::user;
use pollster::block_on;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::policy::Policy;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;

#[test]
fn the_portal_allows_exactly_this() {
    let (read, update, delete) = (Action::Read, Action::Update, Action::Delete);
    // Who, with which role; what without and with an emergency.
    let table: [(&str, &str, &[Action], &[Action]); 6] = [
        ("pat", "patient", &[read], &[read]),
        ("paul", "patient", &[], &[]),
        ("dora", "doctor", &[read, update], &[read, update]),
        ("dan", "doctor", &[], &[]),
        ("dora", "patient", &[], &[]),
        ("nora", "nurse", &[], &[read]),
    ];
    let lines = Lines::default();
    let chart = chart();
    for (name, role, plainly, in_emergency) in table {
        for action in [read, update, delete] {
            let context = of(name, role, &lines);
            let ask = || context.clone().sync_scope(|| access::authorize(action, &chart));
            let allowed = block_on(ask().into_future()).is_ok();
            assert_eq!(allowed, plainly.contains(&action), "{name}, {role}: {action}");
            let allowed = block_on(ask().break_glass("an emergency").into_future()).is_ok();
            assert_eq!(
                allowed,
                in_emergency.contains(&action),
                "{name}, {role}: {action}, emergency"
            );
        }
    }
}

#[test]
fn the_owner_in_a_session_is_the_owner_in_that_session_alone() {
    use crate::support::Chart;
    use request_context::access::Resource;
    use request_context::access::policy::Rule;
    use request_context::owner::Owner;

    #[derive(Clone)]
    struct Draft(Owner);
    impl Resource for Draft {
        const TYPE: &'static str = Chart::TYPE;
        fn id(&self) -> std::borrow::Cow<'_, str> {
            "d-1".into()
        }
        fn owner(&self) -> Owner {
            self.0.clone()
        }
    }

    let lines = Lines::default();
    let rules = RolePolicy::new().allow(Rule::owner().on::<Draft>().to([Action::Read]));
    let pat = of("pat", "", &lines).to_builder().insert(Policy::new(rules)).build();
    let of_session = |id: &str| Draft(Owner::user(user("pat")).with_session(id.parse().unwrap()));
    for (draft, is_allowed) in [
        (of_session("s-pat"), true),
        (of_session("s-other"), false),
        (Draft(Owner::user(user("pat"))), true),
        (Draft(Owner::nobody()), false),
    ] {
        let asked = pat.clone().sync_scope(|| access::authorize(Action::Read, &draft));
        assert_eq!(block_on(asked.into_future()).is_ok(), is_allowed);
    }
    // A rule is for a type of the program's, not for a name.
    let chart = chart();
    let asked = pat.sync_scope(|| access::authorize(Action::Read, &chart));
    assert!(block_on(asked.into_future()).is_err());
}

#[test]
fn a_rule_is_for_its_role_to_the_letter_however_long_it_is() {
    for length in [0, 1, 7, 13, 14, 15, 16, 17, 40, 254, 255, 256, 300] {
        let role = "r".repeat(length);
        let rule = Rule::role(role.clone()).on::<Chart>().to([Action::Read]);
        let policy = Policy::new(RolePolicy::new().allow(rule)).without_trail();
        let is_allowed = |other: String| {
            let context = RequestContext::builder().user(user("grey"));
            let context = context.insert(Roles::new([other])).insert(policy.clone()).build();
            let asked = || access::authorize(Action::Read, &chart()).into_future();
            block_on(context.sync_scope(asked)).is_ok()
        };
        assert!(is_allowed(role.clone()), "{length}");
        for other in
            [format!("{role}r"), format!("{role}\0"), format!("{role}R"), "R".repeat(length)]
        {
            assert_eq!(is_allowed(other.clone()), other == role, "{other:?}, {role:?}");
        }
    }
}

#[test]
fn roles_are_compared_to_the_letter() {
    let roles = Roles::new(["doctor", "nurse"]);
    assert_eq!(roles.iter().collect::<Vec<_>>(), ["doctor", "nurse"]);
    for wrong in ["", "Doctor", "doc", "doctors", "doctor,nurse"] {
        assert!(!roles.contains(wrong), "{wrong}");
    }
}

#[test]
fn a_condition_that_panics_denies_and_is_on_record_whatever_comes_after_it() {
    let boom = || Rule::user().on_where(|_, _: &Chart| panic!("no such doctor"));
    let anybody = || Rule::user().on::<Chart>().to([Action::Read]);
    let policies = [
        RolePolicy::new().allow(boom().to([Action::Read])).allow(anybody()),
        RolePolicy::new().break_glass(boom().to([Action::Read])).break_glass(anybody()),
    ];
    for policy in policies {
        let lines = Lines::default();
        let context = request(Policy::new(policy), &lines).user(user("pat")).build();
        let chart = chart();
        let asked = context.sync_scope(|| access::authorize(Action::Read, &chart));
        let error = block_on(asked.break_glass("an emergency").into_future()).unwrap_err();
        assert!(error.is_policy_failed(), "{error}");
        assert_eq!(lines.last()["outcome"], "error");
    }
}
