//! Counts allocations, per operation, of one subject.

#[path = "../subject/mod.rs"]
mod subject;

use request_context_benches::op::Meter;
use request_context_benches::op::Op;

struct Allocations;

impl Meter for Allocations {
    fn group(&mut self, group: &str, ops: Vec<Op<'_>>) {
        for Op { name, batch, mut repeat, .. } in ops {
            repeat(2 * batch);
            let info = allocation_counter::measure(|| repeat(batch));
            println!("{group}/{name}\t{}", info.count_total as f64 / batch as f64);
        }
    }
}

fn main() {
    subject::measure(&mut Allocations);
}
