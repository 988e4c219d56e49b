//! Data is asked for without a permit.

use access_compile::findings;

fn handler() -> Vec<String> {
    findings() //~ E0061
}

fn main() {
    handler();
}
