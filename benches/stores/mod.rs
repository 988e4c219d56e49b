//! Session stores, ours and the rivals', as one thing that the benches know how to use.

mod ours;
mod plain;
mod rivals;

use crate::leaf::poll_opaque;
use request_context::SessionId;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

pub use ours::Boxed;
pub use ours::Ours;
pub use plain::Plain;
pub use rivals::Dashmap;
pub use rivals::Moka;
pub use rivals::TowerSessions;

/// What a session holds, and what an item of its list is.
pub const DATA: &[u8; 100] =
    b"{\"cart\":[\"a bag of green tea\",\"twelve biscuits\",\"a pot of honey\"],\"theme\":\"dark\",\"language\":\"en-GB\"}";

/// A store with a number of sessions, each of a user of its own. The sessions are known by their
/// numbers; the IDs are made before.
pub trait Store: Sync + Sized {
    const NAME: &'static str;

    /// What is kept of each session beside the store, to use it with.
    const OWN_BYTES: usize;

    /// What a thread that uses the store has for itself.
    type Scratch: Default;

    /// A store with sessions that last so long if they are not used.
    fn new(sessions: usize, idle: Duration) -> Self;

    /// Whether the session is there, with all that it is read for.
    fn load(&self, session: usize) -> bool;

    fn update(&self, session: usize, scratch: &mut Self::Scratch);

    fn append(&self, session: usize, scratch: &mut Self::Scratch);

    /// Puts another session in the place of it, and it in the place of that.
    fn rotate_twice(&self, session: usize, scratch: &mut Self::Scratch);

    /// Removes what has expired, if the store can.
    fn expire(&self);
}

/// Numbers in an order that has nothing to do with the one they are used in: what lies beside each
/// other in memory is not used one after the other.
fn scattered(count: usize) -> impl Iterator<Item = usize> {
    let mut numbers: Vec<u32> = (0..count as u32).collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for last in (1..count).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        numbers.swap(last, (random % (last as u64 + 1)) as usize);
    }
    numbers.into_iter().map(|number| number as usize)
}

/// As long as one that the session layer makes, and as random.
fn id(number: usize, which: u64) -> SessionId {
    let mix = |salt: u64| {
        let mut word =
            (number as u64 ^ salt << 40 ^ which << 60).wrapping_add(0x9e37_79b9_7f4a_7c15);
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    };
    let text = format!("{:016x}{:016x}{:011x}", mix(1), mix(2), mix(3) >> 20);
    text.parse().expect("a legal session ID")
}

/// Waits only for a lock that another thread has.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        match poll_opaque(future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::yield_now(),
        }
    }
}
