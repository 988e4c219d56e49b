//! Counts instructions: runs one subject for callgrind, which counts inside `counted_batch` alone.
//!
//! Of each operation a batch and a batch of twice as many are counted; the difference is free of
//! what surrounds the loop. Prints the operations in the order of callgrind's dumps.

#[path = "../subject/mod.rs"]
mod subject;

use request_context_benches::op::Meter;
use request_context_benches::op::Op;

struct Instructions;

impl Meter for Instructions {
    fn group(&mut self, group: &str, ops: Vec<Op<'_>>) {
        for Op { name, batch, mut repeat, .. } in ops {
            repeat(2 * batch);
            counted_batch(&mut *repeat, batch);
            counted_batch(&mut *repeat, 2 * batch);
            println!("{group}/{name}\t{batch}");
        }
    }
}

/// Found by this name: see `bin/table.rs`.
#[inline(never)]
fn counted_batch(repeat: &mut dyn FnMut(u64), times: u64) {
    repeat(times);
    // Not a tail call, which callgrind would not see the end of.
    std::hint::black_box(times);
}

fn main() {
    subject::measure(&mut Instructions);
}
