//! A permit is for somebody else by another resource put into it.

use access_compile::Chart;
use request_context::access::Permit;
use request_context::access::PermitError;

fn exchange(permit: &mut Permit<Chart>, other: Chart) -> Result<(), PermitError> {
    *permit.resource()? = other; //~ E0594
    Ok(())
}

fn main() {
    let _ = exchange;
}
