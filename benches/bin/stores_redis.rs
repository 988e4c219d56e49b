//! Sessions in a real Redis server: ours beside a bare pipeline of the same calls, and beside the
//! store of tower-sessions. Prints the table of benches/README.md.
//!
//! Needs `redis-server`. Calls and bytes are as the server counts them; the rate is that of 64 tasks
//! on one connection, beside pipelines of 64 calls.

#[path = "../redis/mod.rs"]
mod redis_stores;

use redis_stores::*;
use std::time::Instant;

const TURNS: usize = 60;
const ROUNDS: usize = 11;

const HEAD: &str = "\
| operation | calls | bytes to and from the server | tower-sessions' calls | its bytes | rate × a bare pipeline's | rate × tower-sessions' | to reach | reached |
|---|---:|---:|---:|---:|---:|---:|---|---|";

fn main() -> Anything<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Anything<()> {
    let server = Server::start()?;
    let ours = Ours::new(&server).await?;
    let by_hand = ByHand::like(&ours, &server).await?;
    let rival = Rival::new(&server).await?;
    let all: [&dyn Sessions; 3] = [&ours, &by_hand, &rival];
    println!("{HEAD}");
    for (name, operation) in Operation::ALL {
        let [calls, to, from] = count(&server, &ours, operation).await?;
        let [its_calls, its_to, its_from] = count(&server, &rival, operation).await?;
        let mut times = [const { Vec::new() }; 3];
        for round in 0..ROUNDS {
            for turn in 0..all.len() {
                let index = (turn + round) % all.len();
                let start = Instant::now();
                all[index].run(operation, TURNS).await?;
                times[index].push(start.elapsed().as_secs_f64());
            }
        }
        let [ours, by_hand, rival] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        });
        let is_reached = calls.round() as u64 == 1 && by_hand / ours >= 0.8;
        println!(
            "| {name} | {calls:.2} | {to:.0} and {from:.0} | {its_calls:.2} | {its_to:.0} and {its_from:.0} | {:.2} | {:.2} | one call, ≥ 0.8 × a pipeline's | {} |",
            by_hand / ours,
            rival / ours,
            if is_reached { "yes" } else { "**no**" },
        );
    }
    Ok(())
}

/// For one operation.
async fn count(server: &Server, sessions: &dyn Sessions, operation: Operation) -> Anything<Totals> {
    let client = redis::Client::open(server.url())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    sessions.run(operation, 1).await?;
    let before = server.totals(&mut connection).await?;
    sessions.run(operation, TURNS).await?;
    let after = server.totals(&mut connection).await?;
    Ok([0, 1, 2].map(|at| (after[at] - before[at]) / (TASKS * TURNS) as f64))
}
