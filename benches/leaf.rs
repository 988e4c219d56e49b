//! The innermost future of every scope measured.

use std::hint::black_box;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

/// Has drop glue, as nearly every real future has.
pub struct Leaf<const READY: bool>(u64);

pub fn ready() -> Leaf<true> {
    Leaf(black_box(1))
}

pub fn pending() -> Leaf<false> {
    Leaf(black_box(1))
}

impl<const READY: bool> Future for Leaf<READY> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if READY { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<const READY: bool> Drop for Leaf<READY> {
    fn drop(&mut self) {
        black_box(&mut self.0);
    }
}

/// Polls as a task does: nothing is known of the future but its type.
#[inline(never)]
pub fn poll_opaque<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    black_box(future).poll(&mut Context::from_waker(Waker::noop()))
}
