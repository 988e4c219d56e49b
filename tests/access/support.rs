//! A patient's chart, who asks for it, and a trail that the test can read.

use request_context::RequestContext;
use request_context::RequestContextBuilder;
use request_context::UserId;
use request_context::access::Action;
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
use request_context::owner::TenantId;
use serde_json::Value;
use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::SystemTime;

/// What is on record.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// The records but those of the trail about itself.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = self.text();
        let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.filter(|record| record["event"] != "trail").collect()
    }

    /// To the letter.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn last(&self) -> Value {
        self.records().pop().unwrap()
    }

    pub(crate) fn trail(&self) -> Trail {
        Trail::builder("records").open(self.clone()).unwrap()
    }
}

impl Sink for Lines {
    fn start(&mut self, _: &Chain) -> Result<Start, StartError> {
        Ok(Start::after(Head::genesis()))
    }

    fn append(&mut self, lines: &[u8], _: u64, _: SystemTime) -> io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(lines);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A patient's chart: what names it, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chart {
    pub(crate) id: &'static str,
    pub(crate) patient: UserId,
    pub(crate) doctor: UserId,
    pub(crate) tenant: Option<TenantId>,
}

impl Resource for Chart {
    const TYPE: &'static str = "Chart";

    fn id(&self) -> Cow<'_, str> {
        self.id.into()
    }

    fn owner(&self) -> Owner {
        let owner = Owner::user(self.patient.clone());
        match &self.tenant {
            Some(tenant) => owner.with_tenant(tenant.clone()),
            None => owner,
        }
    }
}

pub(crate) fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// Of the patient pat, whose doctor is dora.
pub(crate) fn chart() -> Chart {
    Chart { id: "c-7", patient: user("pat"), doctor: user("dora"), tenant: None }
}

/// The portal's: patients read their own, doctors their patients', nurses in an emergency.
pub(crate) fn portal() -> RolePolicy {
    RolePolicy::new()
        .allow(Rule::owner().on::<Chart>().to([Action::Read]))
        .allow(
            Rule::role("doctor")
                .on_where(|question, chart: &Chart| question.user() == Some(&chart.doctor))
                .to([Action::Read, Action::Update]),
        )
        .break_glass(Rule::role("nurse").on::<Chart>().to([Action::Read]))
}

/// A request of nobody's, with policy and trail.
pub(crate) fn request(policy: Policy, lines: &Lines) -> RequestContextBuilder {
    RequestContext::builder().insert(policy).insert(lines.trail())
}

/// A request of this user, with this role, under the portal's policy.
pub(crate) fn of(name: &str, role: &'static str, lines: &Lines) -> RequestContext {
    let request = request(Policy::new(portal()), lines).user(user(name));
    request.session(format!("s-{name}").parse().unwrap()).insert(Roles::new([role])).build()
}
