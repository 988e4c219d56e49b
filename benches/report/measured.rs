//! Runs the measuring programs and keeps what they print.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::process::Command;

const SUBJECTS: [&str; 7] = ["read", "scope", "poll", "carry", "spawn", "make", "log"];

/// How often times are taken, each in a process of its own, since addresses have a say in them.
const TIMES: usize = 5;

const TASKS: [&str; 6] = [
    "bare",
    "scope",
    "scope of its own",
    "in_current_context",
    "tokio scope",
    "tokio scope, Instrument",
];

type Figures = BTreeMap<String, f64>;

/// By the name of an operation: `subject/operation`.
pub struct Measured {
    instructions: Figures,
    allocations: Figures,
    /// Nanoseconds, by run. Only ratios of one run mean anything.
    times: Vec<Figures>,
    bytes: Figures,
}

impl Measured {
    pub fn collect() -> Result<Self, Box<dyn Error>> {
        let mut measured = Self::of(&SUBJECTS)?;
        measured.bytes.extend(figures(&run(&mut program("memory")?)?)?);
        for task in TASKS {
            eprintln!("a million tasks: {task}");
            let bytes: f64 = run(program("memory")?.arg(task))?.trim().parse()?;
            // Less than a byte per task is what the process did besides.
            measured.bytes.insert(format!("task/{task}"), bytes.round());
        }
        Ok(measured)
    }

    /// Of the session stores, and of what is owned.
    pub fn stores() -> Result<Self, Box<dyn Error>> {
        // A million sessions are too many to be counted instruction by instruction.
        let mut measured = Self::of(&["owner", "stores 1000", "stores 100000"])?;
        eprintln!("stores 1000000: times");
        for times in &mut measured.times {
            times.extend(figures(&run(program("time")?.arg("stores 1000000"))?)?);
        }
        eprintln!("stores: rates, bytes, expiry");
        let mut others = run(program("stores")?.arg("rate"))?;
        others += &run(program("stores")?.arg("expiry"))?;
        for store in ["ours", "tower-sessions", "moka", "dashmap"] {
            others += &run(program("stores")?.args(["bytes", store]))?;
        }
        measured.bytes.extend(figures(&others)?);
        Ok(measured)
    }

    /// Instructions, allocations and times of these subjects.
    pub fn of(subjects: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut measured = Self {
            instructions: Figures::new(),
            allocations: Figures::new(),
            times: vec![Figures::new(); TIMES],
            bytes: Figures::new(),
        };
        for subject in subjects {
            eprintln!("{subject}: instructions, allocations, times");
            measured.instructions.extend(instructions(subject)?);
            let allocations = run(of_subject("allocations", subject)?.arg(subject))?;
            measured.allocations.extend(figures(&allocations)?);
            for times in &mut measured.times {
                times.extend(figures(&run(of_subject("time", subject)?.arg(subject))?)?);
            }
        }
        Ok(measured)
    }

    pub fn instructions(&self, operation: &str) -> f64 {
        figure(&self.instructions, operation)
    }

    pub fn allocations(&self, operation: &str) -> f64 {
        figure(&self.allocations, operation)
    }

    pub fn if_counted(&self, operation: &str) -> Option<f64> {
        self.instructions.get(operation).copied()
    }

    /// What is no operation of its own.
    pub fn other(&self, what: &str) -> Option<f64> {
        self.bytes.get(what).copied()
    }

    pub fn bytes(&self, what: &str) -> f64 {
        figure(&self.bytes, what)
    }

    /// The ratio of the medians of one run; of all runs the median.
    pub fn time_ratio(&self, ours: &str, rival: &str) -> f64 {
        let ratio = |times| figure(times, ours) / figure(times, rival);
        let mut ratios: Vec<_> = self.times.iter().map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        ratios[TIMES / 2]
    }
}

fn figure(figures: &Figures, name: &str) -> f64 {
    *figures.get(name).unwrap_or_else(|| panic!("nothing called `{name}` was measured"))
}

fn program(name: &str) -> io::Result<Command> {
    beside(name).map(Command::new)
}

/// A subject that asks for features of its own has a build of its own, in a folder of its name.
fn of_subject(name: &str, subject: &str) -> io::Result<Command> {
    let own = beside(subject)?.join(name);
    if own.exists() { Ok(Command::new(own)) } else { program(name) }
}

/// The programs of this package stand beside each other.
fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(name))
}

fn run(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output()?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{error}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Lines of a name, a tab and a number.
fn figures(lines: &str) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let figure = |line: &str| -> Result<_, Box<dyn Error>> {
        let (name, number) = line.split_once('\t').ok_or("a line without a tab")?;
        Ok((name.to_owned(), number.parse()?))
    };
    lines.lines().map(figure).collect()
}

/// Runs a subject in callgrind, which writes a file with its count after each batch, and takes the
/// difference of the two batches of an operation.
fn instructions(subject: &str) -> Result<Figures, Box<dyn Error>> {
    const BATCH: &str = "instructions::counted_batch";
    let folder = env::temp_dir().join(format!("request-context-benches.{}", process::id()));
    fs::create_dir_all(&folder)?;
    let operations = run(Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}/batch", folder.display()))
        .arg(format!("--toggle-collect={BATCH}"))
        .arg(format!("--dump-after={BATCH}"))
        .arg(of_subject("instructions", subject)?.get_program())
        .arg(subject))?;
    let mut batches = (1..).map(|number| total(&folder.join(format!("batch.{number}"))));
    let mut total_of_next = || batches.next().unwrap_or(Ok(0.0));
    let mut counts = Figures::new();
    for (operation, length) in figures(&operations)? {
        let (once, twice) = (total_of_next()?, total_of_next()?);
        counts.insert(operation, (twice - once) / length);
    }
    fs::remove_dir_all(&folder)?;
    Ok(counts)
}

fn total(file: &Path) -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind wrote no total")?.parse()?)
}
