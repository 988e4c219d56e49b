//! Sessions in memory, beside the rivals: four operations at a number of sessions.

use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::stores::*;
use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

/// As many as are used, where not all are: what differs then with the number of all is not the
/// processor's cache.
const BUSY: usize = 1000;

/// About what all stores together take of each session.
const TOUCHED: usize = 4096;

pub fn measure(meter: &mut dyn Meter, sessions: usize) {
    // Memory that was never touched may be dear, where the machine is a virtual one: its host has to
    // find it first. That is no store's doing, and would be charged to those that come later.
    drop(black_box(vec![1_u8; sessions * TOUCHED]));
    let idle = Duration::from_secs(30 * 60);
    let ours = Ours::new(sessions, idle);
    let boxed = Boxed::new(sessions, idle);
    let tower_sessions = TowerSessions::new(sessions, idle);
    let moka = Moka::new(sessions, idle);
    let dashmap = Dashmap::new(sessions, idle);
    let plain = Plain::new(sessions, idle);
    let mut all = vec![BUSY, sessions];
    all.dedup();
    for used in all {
        let mut ops = Vec::new();
        operations(&mut ops, &ours, used);
        operations(&mut ops, &boxed, used);
        operations(&mut ops, &tower_sessions, used);
        operations(&mut ops, &moka, used);
        operations(&mut ops, &dashmap, used);
        operations(&mut ops, &plain, used);
        ops.push(Op::new("floor: the clock", Instant::now));
        meter.group(&format!("stores, {used} of {sessions}"), ops);
    }
}

/// One session after the other.
struct Turns {
    next: usize,
    count: usize,
}

impl Turns {
    fn next(&mut self) -> usize {
        let turn = self.next;
        self.next = if turn + 1 == self.count { 0 } else { turn + 1 };
        turn
    }
}

fn operations<'a, S: Store>(ops: &mut Vec<Op<'a>>, store: &'a S, count: usize)
where
    S::Scratch: 'a,
{
    let turns = || Turns { next: 0, count };
    let scratch = S::Scratch::default;
    let name = |operation| format!("{operation}, {}", S::NAME);
    // What is busy is in the processor's cache, also if the batch before was another store's.
    let mut add = |op: Op<'a>| ops.push(if count == BUSY { op.after(BUSY as u64) } else { op });
    let mut turn = turns();
    add(Op::new(name("load"), move || store.load(turn.next())));
    let (mut turn, mut own) = (turns(), scratch());
    add(Op::new(name("update"), move || store.update(turn.next(), &mut own)));
    let (mut turn, mut own) = (turns(), scratch());
    add(Op::new(name("append"), move || store.append(turn.next(), &mut own)));
    let (mut turn, mut own) = (turns(), scratch());
    add(Op::new(name("rotate twice"), move || store.rotate_twice(turn.next(), &mut own)));
}
