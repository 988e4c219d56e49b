//! A permit by the built-in policy: asked for, and used.

use request_context::RequestContext;
use request_context::UserId;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::Outcome;
use request_context::access::Permit;
use request_context::access::Resource;
use request_context::access::policy::Policy;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;
use request_context::access::trail::Chain;
use request_context::access::trail::Head;
use request_context::access::trail::Sink;
use request_context::access::trail::Start;
use request_context::access::trail::StartError;
use request_context::access::trail::Trail;
use request_context::owner::Owner;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::permit_by_hand;
use std::borrow::Cow;
use std::hint::black_box;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::SystemTime;

/// As an application names a chart: by IDs.
#[derive(Clone)]
struct Chart {
    patient: UserId,
    doctor: UserId,
}

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("c-0123456789")
    }

    fn owner(&self) -> Owner {
        Owner::user(self.patient.clone())
    }
}

/// Takes the trail's first record; the operations queue none.
struct Nowhere;

impl Sink for Nowhere {
    fn start(&mut self, _: &Chain) -> Result<Start, StartError> {
        Ok(Start::after(Head::genesis()))
    }

    fn append(&mut self, _: &[u8], _: u64, _: SystemTime) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The smallest that a resource can be.
#[derive(Clone, Copy)]
struct Ward;

impl Resource for Ward {
    const TYPE: &'static str = "ward";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("w-1")
    }
}

fn authorize<R: Resource + Clone + 'static>(resource: &R) -> Poll<Result<Permit<R>, AccessError>> {
    let asked = access::authorize(Action::Read, black_box(resource));
    let asked = pin!(asked.into_future());
    asked.poll(&mut Context::from_waker(Waker::noop()))
}

pub fn measure(meter: &mut dyn Meter) {
    let id = |name: &str| name.parse::<UserId>().expect("a legal user ID");
    let chart = Chart { patient: id("user-7654321"), doctor: id("user-0123456") };
    let policy = RolePolicy::new()
        .allow(Rule::owner().on::<Chart>().to([Action::Read]))
        .allow(
            Rule::role("doctor")
                .on_where(|question, chart: &Chart| question.user() == Some(&chart.doctor))
                .to([Action::Read, Action::Update]),
        )
        .allow(Rule::role("doctor").on::<Ward>().to([Action::Read]))
        .break_glass(Rule::role("nurse").on::<Chart>().to([Action::Read]));
    let session = "0a1b2c3d-0a1b-4c3d-8e9f-0a1b2c3d4e5f".parse().expect("a legal session ID");
    let context = RequestContext::builder()
        .user(id("user-0123456"))
        .session(session)
        .insert(Roles::new(["doctor"]))
        // How long a record is waited for is measured by `trail`.
        .insert(Policy::new(policy).without_trail())
        .build();
    let trail = Trail::builder("records").open(Nowhere).expect("it takes all");
    let on_record = context.to_builder().insert(trail).build();
    let by_hand = Arc::new(permit_by_hand::Request {
        user: Some(id("user-0123456")),
        roles: vec!["doctor".to_owned()],
        is_over: AtomicBool::new(false),
    });
    let by_hand_of_chart = || {
        let chart = black_box(&chart);
        permit_by_hand::authorize(Action::Read, chart, |user, chart| *user == chart.doctor)
    };
    let by_hand_of_ward = || {
        let ward = black_box(&Ward);
        permit_by_hand::authorize(Action::Read, ward, |_, _| true)
    };
    permit_by_hand::CURRENT.sync_scope(by_hand, || {
        context.sync_scope(|| {
            let permit_by_hand = by_hand_of_chart().expect("the doctor's own patient");
            let Poll::Ready(Ok(permit)) = authorize(&chart) else {
                panic!("the doctor's own patient");
            };
            meter.group(
                "access",
                vec![
                    Op::new("authorize, by the second of four rules", || authorize(&chart)),
                    Op::new("authorize, a resource of no size", || authorize(&Ward)),
                    Op::new("authorize, the record made", || {
                        let asked = || access::authorize(Action::Read, &chart).into_future();
                        on_record.clone().sync_scope(asked)
                    }),
                    Op::new("that record alone", || {
                        let made = || access::decision(Outcome::Allowed, Action::Read, &chart);
                        on_record.clone().sync_scope(|| made().into_future())
                    }),
                    Op::new("permit.resource()", || permit.resource().is_ok()),
                    Op::new("by hand: authorize", by_hand_of_chart),
                    Op::new("by hand: authorize, a resource of no size", by_hand_of_ward),
                    Op::new("by hand: permit.resource()", || permit_by_hand.resource().is_ok()),
                    Op::new("the resource cloned, its owner made", || {
                        (chart.clone(), chart.owner())
                    }),
                ],
            );
        })
    });
}
