//! One operation to be measured: in time, in instructions, in allocations.

use std::hint::black_box;

/// An operation, and how to repeat it.
pub struct Op<'a> {
    pub name: String,
    /// How many a batch of a count has. A multiple of 16: of that many request IDs the random
    /// generator makes one block.
    pub batch: u64,
    /// How many are done before each batch that is timed.
    pub warm_up: u64,
    pub repeat: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Op<'a> {
    /// `run` is the operation. It is a function of its own, called as often as asked.
    pub fn new<R>(name: impl Into<String>, mut run: impl FnMut() -> R + 'a) -> Self {
        Self::repeated(name, move |times| {
            for _ in 0..times {
                black_box(call(&mut run));
            }
        })
    }

    /// `repeat` does the operation as often as asked.
    pub fn repeated(name: impl Into<String>, repeat: impl FnMut(u64) + 'a) -> Self {
        Self { name: name.into(), batch: 512, warm_up: 0, repeat: Box::new(repeat) }
    }

    pub fn batch(mut self, batch: u64) -> Self {
        self.batch = batch;
        self
    }

    /// Done so often before each batch that is timed.
    pub fn after(mut self, warm_up: u64) -> Self {
        self.warm_up = warm_up;
        self
    }
}

#[inline(never)]
fn call<R>(run: &mut impl FnMut() -> R) -> R {
    run()
}

/// Measures the operations of one group: those that are compared with each other.
pub trait Meter {
    fn group(&mut self, group: &str, ops: Vec<Op<'_>>);
}
