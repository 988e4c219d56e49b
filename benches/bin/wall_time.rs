//! The wall time of every subject, by criterion: `cargo bench -p request-context-benches -- poll`.

#[path = "../subject/mod.rs"]
mod subject;

use criterion::Criterion;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use std::time::Instant;

struct WallTime(Criterion);

impl Meter for WallTime {
    fn group(&mut self, group: &str, ops: Vec<Op<'_>>) {
        let mut group = self.0.benchmark_group(group);
        for mut op in ops {
            group.bench_function(op.name, |bencher| {
                bencher.iter_custom(|times| {
                    let start = Instant::now();
                    (op.repeat)(times);
                    start.elapsed()
                });
            });
        }
        group.finish();
    }
}

fn main() {
    let mut meter = WallTime(Criterion::default().configure_from_args());
    subject::measure(&mut meter);
    meter.0.final_summary();
}
