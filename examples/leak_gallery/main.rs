//! In how many seeds each leak of the gallery is found, beside plain tasks on many threads.
//!
//! ```console
//! $ cargo run --release --example leak_gallery
//! $ cargo run --release --example leak_gallery -- --pages target/gallery
//! $ cargo run --example leak_gallery -- --check --seeds 20
//! ```
//! The second one also writes the report of each leak as a page. The third one only looks whether each
//! leak is found, in 200 seeds at most, and whether its twin passes 20 of them. The exit status is 1
//! where that is not so.

#[path = "../../tests/testing/gallery/mod.rs"]
mod gallery;
mod plain;

use gallery::EXHIBITS;
use gallery::Exhibit;
use lexopt::ValueExt;
use request_context::testing::Report;
use std::error::Error;
use std::fs;
use std::panic;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

/// How many seeds, and runs of plain tasks, a rate is of.
const RUNS: u64 = 200;

#[derive(Default)]
struct Options {
    pages: Option<PathBuf>,
    only_checks: bool,
    seeds: Option<u64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse()?;
    let seeds = options.seeds.unwrap_or(RUNS);
    // One server panics on purpose.
    panic::set_hook(Box::new(|_| {}));
    if !options.only_checks {
        println!(
            "| leak | what goes wrong | found by seed | of {RUNS} seeds | plain tasks, of {RUNS} runs | s |"
        );
        println!("|---|---|---|---|---|---|");
    }
    let mut faults = Vec::new();
    for exhibit in EXHIBITS {
        let found = exhibit.test(exhibit.leaky).seeds(0..RUNS).run().await;
        let twin = exhibit.test(exhibit.corrected).seeds(0..seeds).run().await;
        if found.leaks.is_empty() {
            faults.push(format!("{}: not found in {} seeds", exhibit.name, found.seeds_run));
        }
        if !twin.is_isolated() {
            faults.push(format!("{}: the twin does not pass:\n{twin}", exhibit.name));
        }
        if !options.only_checks {
            let all = exhibit.test(exhibit.leaky).keep_going().run().await;
            row(exhibit, &found, &all);
        }
        if let Some(pages) = &options.pages {
            write_pages(pages, exhibit, &found, &twin)?;
        }
    }
    let (count, right) = (EXHIBITS.len(), EXHIBITS.len() * 2 - faults.len());
    println!("\n{right} of {} right: {count} leaks, and their twins in {seeds} seeds", count * 2);
    for fault in &faults {
        eprintln!("{fault}");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Options {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut options = Self::default();
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("pages") => {
                    options.pages = Some(PathBuf::from(arguments.value()?));
                }
                lexopt::Arg::Long("check") => options.only_checks = true,
                lexopt::Arg::Long("seeds") => {
                    options.seeds = Some(arguments.value()?.parse()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

fn row(exhibit: Exhibit, found: &Report, all: &Report) {
    let seed = found.leaks.first().map_or("never".to_owned(), |leak| leak.seed.to_string());
    let rate = all.leaks.iter().map(|leak| leak.seeds).max().unwrap_or(0);
    println!(
        "| {} | {} | {seed} | {rate} | {} | {:.2} |",
        exhibit.name,
        exhibit.way,
        plain::runs_that_leak(exhibit, RUNS),
        found.seconds,
    );
}

fn write_pages(
    pages: &Path,
    exhibit: Exhibit,
    found: &Report,
    twin: &Report,
) -> std::io::Result<()> {
    fs::create_dir_all(pages)?;
    let name = exhibit.name.replace(' ', "-");
    fs::write(pages.join(format!("{name}.html")), found.to_html())?;
    fs::write(pages.join(format!("{name}.json")), found.to_json())?;
    fs::write(pages.join(format!("{name}-corrected.html")), twin.to_html())
}
