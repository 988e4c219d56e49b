//! A permit is made of its parts.

use access_compile::Chart;
use request_context::access::Permit;

fn forge(of_another: Permit<Chart>) -> Permit<Chart> {
    Permit { resource: Chart, ..of_another } //~ E0451
}

fn main() {
    let _ = forge;
}
