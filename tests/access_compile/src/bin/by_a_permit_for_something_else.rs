//! Data is asked for by a permit for something else.

use access_compile::Bill;
use access_compile::findings;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;

async fn handler(bill: Bill) -> Result<Vec<String>, AccessError> {
    let of_the_bill = access::authorize(Action::Read, &bill).await?;
    Ok(findings(&of_the_bill)) //~ E0308
}

fn main() {
    drop(handler(Bill));
}
