//! Measures the time of one subject: every round runs each operation once, in another order.

#[path = "../subject/mod.rs"]
mod subject;

use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use std::time::Duration;
use std::time::Instant;

const ROUNDS: usize = 301;
const BATCH: Duration = Duration::from_micros(150);

struct Time;

impl Meter for Time {
    fn group(&mut self, group: &str, mut ops: Vec<Op<'_>>) {
        let batches: Vec<u64> = ops.iter_mut().map(batch).collect();
        let mut samples = vec![Vec::with_capacity(ROUNDS); ops.len()];
        let mut order: Vec<usize> = (0..ops.len()).collect();
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..ROUNDS {
            for last in (1..order.len()).rev() {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                order.swap(last, (random % (last as u64 + 1)) as usize);
            }
            for &index in &order {
                let warm_up = ops[index].warm_up;
                (ops[index].repeat)(warm_up);
                let start = Instant::now();
                (ops[index].repeat)(batches[index]);
                samples[index].push(start.elapsed().as_secs_f64() * 1e9 / batches[index] as f64);
            }
        }
        for (op, samples) in ops.iter().zip(&mut samples) {
            samples.sort_by(f64::total_cmp);
            println!("{group}/{}\t{}", op.name, samples[ROUNDS / 2]);
        }
    }
}

/// How many take about [`BATCH`].
fn batch(op: &mut Op<'_>) -> u64 {
    let mut times = 64;
    loop {
        let start = Instant::now();
        (op.repeat)(times);
        if start.elapsed() >= BATCH {
            return times;
        }
        times *= 2;
    }
}

fn main() {
    subject::measure(&mut Time);
}
