//! In how many seeds each leak of the gallery is found, beside plain tasks on many threads.
//!
//! ```console
//! $ cargo run --release --example leak_gallery
//! $ cargo run --release --example leak_gallery -- --pages target/gallery
//! ```
//! The second one also writes the report of each leak as a page.

#[path = "../../tests/testing/gallery/mod.rs"]
mod gallery;
mod plain;

use gallery::EXHIBITS;
use gallery::Exhibit;
use request_context::testing::Report;
use std::error::Error;
use std::fs;
use std::panic;
use std::path::PathBuf;

/// How many seeds, and runs of plain tasks, a rate is of.
const RUNS: u64 = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = lexopt::Parser::from_env();
    let mut pages = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("pages") => pages = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    // One server panics on purpose.
    panic::set_hook(Box::new(|_| {}));
    println!(
        "| leak | what goes wrong | seeds to find it | s, with its story | of {RUNS} seeds | plain tasks, of \
         {RUNS} runs | twin |"
    );
    println!("|---|---|---|---|---|---|---|");
    for exhibit in EXHIBITS {
        let found = exhibit.test(exhibit.leaky).run().await;
        let all = exhibit.test(exhibit.leaky).keep_going().run().await;
        let twin = exhibit.test(exhibit.corrected).run().await;
        row(exhibit, &found, &all, &twin);
        if let Some(pages) = &pages {
            fs::create_dir_all(pages)?;
            let name = exhibit.name.replace(' ', "-");
            fs::write(pages.join(format!("{name}.html")), found.to_html())?;
            fs::write(pages.join(format!("{name}.json")), found.to_json())?;
            fs::write(pages.join(format!("{name}-corrected.html")), twin.to_html())?;
        }
    }
    Ok(())
}

fn row(exhibit: Exhibit, found: &Report, all: &Report, twin: &Report) {
    let rate = all.leaks.iter().map(|leak| leak.seeds).max().unwrap_or(0);
    let twin = if twin.is_isolated() {
        format!("passes {} seeds", twin.seeds_run)
    } else {
        "FAILS".to_owned()
    };
    println!(
        "| {} | {} | {} | {:.2} | {rate} | {} | {twin} |",
        exhibit.name,
        exhibit.way,
        found.seeds_run,
        found.seconds,
        plain::runs_that_leak(exhibit, RUNS),
    );
}
