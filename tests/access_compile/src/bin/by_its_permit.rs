//! Data is asked for by the permit for it.

use access_compile::Bill;
use access_compile::Chart;
use access_compile::findings;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;

async fn handler(chart: Chart, bill: Bill) -> Result<Vec<String>, AccessError> {
    let of_the_bill = access::authorize(Action::Read, &bill).await?;
    assert_eq!(of_the_bill.action(), Action::Read);
    let permit = access::authorize(Action::Read, &chart).await?;
    Ok(findings(&permit))
}

fn main() {
    drop(handler(Chart, Bill));
}
