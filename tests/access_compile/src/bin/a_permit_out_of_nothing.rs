//! A permit is made by default, and one of another.

use access_compile::Chart;
use request_context::access::Permit;

fn forge() -> Permit<Chart> {
    Permit::default() //~ E0599
}

fn copy(permit: &Permit<Chart>) -> Permit<Chart> {
    permit.clone() //~ E0308
}

fn main() {
    let _ = (forge, copy);
}
