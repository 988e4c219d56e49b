//! How often memory is asked for by a record, and by a permit. A process of its own, since the
//! allocator is everybody's.

use allocation_counter::measure;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::Purpose;
use request_context::access::Resource;
use request_context::access::policy::Policy;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;
use request_context::access::trail::Chain;
use request_context::access::trail::Encoding;
use request_context::access::trail::Head;
use request_context::access::trail::Sink;
use request_context::access::trail::Start;
use request_context::access::trail::StartError;
use request_context::access::trail::SyncPolicy;
use request_context::access::trail::Trail;
use request_context::owner::Owner;
use request_context::owner::TenantId;
use std::borrow::Cow;
use std::hint::black_box;
use std::io;
use std::time::SystemTime;

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

struct Chart(Owner);

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("c-0123456789")
    }

    fn owner(&self) -> Owner {
        self.0.clone()
    }
}

#[derive(Clone)]
struct Ward;

impl Resource for Ward {
    const TYPE: &'static str = "ward";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("w-1")
    }
}

fn context(trail: &Trail) -> RequestContext {
    RequestContext::builder()
        .user("user-0123456".parse().unwrap())
        .session("0a1b2c3d-0a1b-4c3d-8e9f-0a1b2c3d4e5f".parse().unwrap())
        .insert("clinic".parse::<TenantId>().unwrap())
        .insert(AuthenticatedBy::new("passkey"))
        .insert(Purpose::new("TREAT"))
        .insert(trail.clone())
        .build()
}

#[test]
fn a_record_made_and_encoded_is_one_allocation() {
    let chart = Chart(Owner::user("bob".parse().unwrap()));
    for encoding in [Encoding::Json, Encoding::Ocsf, Encoding::Ecs] {
        let trail = Trail::builder("records").encoding(encoding).open(Nowhere).unwrap();
        let context = context(&trail);
        let make = || {
            let access = access::break_glass(Action::Read, &chart, "an emergency").count(3);
            drop(black_box(access.into_future()));
        };
        context.sync_scope(|| {
            make();
            assert_eq!(measure(make).count_total, 1, "{encoding:?}");
        });
    }
}

#[test]
fn an_access_is_few_more_while_it_waits() {
    let trail = Trail::builder("records").sync(SyncPolicy::Never).open(Nowhere).unwrap();
    let chart = Chart(Owner::nobody());
    let context = context(&trail);
    let access = || {
        let access = context.clone().sync_scope(|| access::record(Action::Read, &chart));
        pollster::block_on(access.into_future()).unwrap();
    };
    access();
    let accesses = 100;
    let count = measure(|| (0..accesses).for_each(|_| access())).count_total;
    // The record, a place to be woken at, and what pollster parks on.
    assert!(count <= 4 * accesses, "{count}");
}

#[test]
fn a_permit_by_the_built_in_policy_is_no_allocation_besides_its_record() {
    let policy = || {
        let rule = Rule::role("doctor").on::<Ward>().to([Action::Read]);
        Policy::new(RolePolicy::new().allow(rule)).without_trail()
    };
    let trail = Trail::builder("records").open(Nowhere).unwrap();
    let doctor = || context(&trail).to_builder().insert(Roles::new(["doctor"])).insert(policy());
    let off_record = RequestContext::builder()
        .user("user-0123456".parse().unwrap())
        .insert(Roles::new(["doctor"]))
        .insert(policy())
        .build();
    off_record.sync_scope(|| {
        let ask = || {
            let permit = pollster::block_on(access::authorize(Action::Read, &Ward).into_future());
            let permit = permit.unwrap();
            permit.resource_to(Action::Read).map(|_| ()).unwrap();
        };
        // What pollster waits on is made once.
        ask();
        assert_eq!(measure(ask).count_total, 0);
    });
    doctor().build().sync_scope(|| {
        let ask = || drop(black_box(access::authorize(Action::Read, &Ward).into_future()));
        ask();
        assert_eq!(measure(ask).count_total, 1, "the record");
    });
}
