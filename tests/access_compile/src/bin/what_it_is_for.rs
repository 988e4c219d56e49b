//! What a permit is for is read, cloned, and put on record.

use access_compile::Chart;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::Permit;

async fn read(permit: &Permit<Chart>) -> Result<Chart, AccessError> {
    let chart = permit.resource_to(Action::Read)?.clone();
    permit.record()?.count(1).await?;
    Ok(chart)
}

fn main() {
    let _ = read;
}
