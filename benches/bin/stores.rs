//! Session stores in memory, as no single operation shows them: two threads at once, bytes, expiry.

use request_context_benches::stores::*;
use std::env;
use std::fs;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;
use std::time::Instant;

const IDLE: Duration = Duration::from_secs(30 * 60);
const SESSIONS: usize = 100_000;

/// Each store has its turn in each.
const ROUNDS: usize = 9;
const DURATION: Duration = Duration::from_millis(60);

fn main() {
    let wanted: Vec<_> = env::args().skip(1).collect();
    let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
    match wanted[..] {
        ["rate"] => rates(),
        ["expiry"] => expiry(),
        ["bytes", "ours"] => bytes::<Ours>(),
        ["bytes", "tower-sessions"] => bytes::<TowerSessions>(),
        ["bytes", "moka"] => bytes::<Moka>(),
        ["bytes", "dashmap"] => bytes::<Dashmap>(),
        _ => eprintln!("one of: rate, expiry, bytes STORE"),
    }
}

type Measurement<'a> = (String, Box<dyn Fn() -> f64 + 'a>);

fn rates() {
    let ours = Ours::new(SESSIONS, IDLE);
    let tower_sessions = TowerSessions::new(SESSIONS, IDLE);
    let moka = Moka::new(SESSIONS, IDLE);
    let dashmap = Dashmap::new(SESSIONS, IDLE);
    let mut all = Vec::new();
    rates_of(&mut all, &ours);
    rates_of(&mut all, &tower_sessions);
    rates_of(&mut all, &moka);
    rates_of(&mut all, &dashmap);
    print_medians(&all);
}

fn rates_of<'a, S: Store>(all: &mut Vec<Measurement<'a>>, store: &'a S) {
    for threads in [1, 2] {
        let mut add = |operation, run: fn(&S, usize, &mut S::Scratch)| {
            let name = format!("{operation}/s, {threads} threads, {}", S::NAME);
            all.push((name, Box::new(move || rate(threads, run, store))));
        };
        add("load", |store, at, _| {
            black_box(store.load(at));
        });
        add("update", S::update);
        add("append", S::append);
        add("rotate twice", S::rotate_twice);
    }
}

/// Operations in a second, by so many threads, each on sessions of its own.
fn rate<S: Store>(threads: usize, operation: fn(&S, usize, &mut S::Scratch), store: &S) -> f64 {
    let is_over = AtomicBool::new(false);
    let begin = Barrier::new(threads + 1);
    #[expect(clippy::disallowed_methods, reason = "threads of no request")]
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let (is_over, begin) = (&is_over, &begin);
                scope.spawn(move || {
                    let mut own = S::Scratch::default();
                    let mut done = 0;
                    begin.wait();
                    while !is_over.load(Relaxed) {
                        for _ in 0..64 {
                            operation(store, (done * threads + thread) % SESSIONS, &mut own);
                            done += 1;
                        }
                    }
                    done
                })
            })
            .collect();
        begin.wait();
        let start = Instant::now();
        thread::sleep(DURATION);
        is_over.store(true, Relaxed);
        let done: usize = workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum();
        done as f64 / start.elapsed().as_secs_f64()
    })
}

fn print_medians(all: &[Measurement<'_>]) {
    let mut figures = vec![Vec::new(); all.len()];
    for round in 0..ROUNDS {
        for turn in 0..all.len() {
            let index = (turn + round) % all.len();
            figures[index].push(all[index].1());
        }
    }
    for ((name, _), figures) in all.iter().zip(&mut figures) {
        println!("{name}\t{}", median(figures));
    }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// By how much the process grows with each session, but for what the bench itself keeps of it.
fn bytes<S: Store>() {
    let before = resident_bytes();
    let store = S::new(SESSIONS, IDLE);
    let grown = resident_bytes() - before;
    println!("bytes, {}\t{}", S::NAME, grown as f64 / SESSIONS as f64 - S::OWN_BYTES as f64);
    drop(store);
}

fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|number| number.parse::<u64>().ok()).expect("a number of kB") * 1024
}

fn expiry() {
    expiry_of::<Ours>();
    expiry_of::<Moka>();
    expiry_of::<Dashmap>();
}

/// All sessions expire at once, and are removed while another thread goes on loading.
fn expiry_of<S: Store>() {
    let (mut times, mut pauses, mut quiet) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let idle = Duration::from_millis(1500);
        let store = S::new(SESSIONS, idle);
        let made = Instant::now();
        let (pause, begin) = (AtomicBool::new(false), Barrier::new(2));
        #[expect(clippy::disallowed_methods, reason = "threads of no request")]
        thread::scope(|scope| {
            thread::sleep((idle + Duration::from_millis(5)).saturating_sub(made.elapsed()));
            let begin = &begin;
            let loading = scope.spawn(|| {
                begin.wait();
                let mut longest = Duration::ZERO;
                let mut at = 0;
                while !pause.load(Relaxed) {
                    let start = Instant::now();
                    store.load(at);
                    longest = longest.max(start.elapsed());
                    // A few sessions of every part of the store.
                    at = (at + 1) % 1000;
                }
                longest
            });
            begin.wait();
            let start = Instant::now();
            store.expire();
            times.push(start.elapsed().as_secs_f64());
            pause.store(true, Relaxed);
            pauses.extend(loading.join().map(|longest| longest.as_secs_f64() * 1e6));
        });
        // As long again with nothing to remove: what the machine adds.
        let (start, mut longest) = (Instant::now(), Duration::ZERO);
        let time = times.last().copied().unwrap_or_default();
        let mut at = 0;
        while start.elapsed().as_secs_f64() < time {
            let start = Instant::now();
            store.load(at);
            longest = longest.max(start.elapsed());
            at = (at + 1) % 1000;
        }
        quiet.push(longest.as_secs_f64() * 1e6);
    }
    println!("expiry, milliseconds, {}\t{}", S::NAME, median(&mut times) * 1e3);
    // The least of all rounds: what the store does is in each of them, what the machine does is not.
    let least = |pauses: &[f64]| pauses.iter().copied().fold(f64::MAX, f64::min);
    println!("longest pause, {}\t{}", S::NAME, least(&pauses));
    println!("longest pause without, {}\t{}", S::NAME, least(&quiet));
}
