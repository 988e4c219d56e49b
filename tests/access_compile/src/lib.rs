//! What all cases have: two types of resources, and a data function that demands its proof.

use request_context::access::Permit;
use request_context::access::Resource;
use std::borrow::Cow;

#[derive(Clone)]
pub struct Chart;

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        "c-7".into()
    }
}

#[derive(Clone)]
pub struct Bill;

impl Resource for Bill {
    const TYPE: &'static str = "bill";

    fn id(&self) -> Cow<'_, str> {
        "b-1".into()
    }
}

pub fn findings(_: &Permit<Chart>) -> Vec<String> {
    Vec::new()
}
