//! The file with the leak tests of a package.

use super::ProveError;
use super::settings::ProveSettings;
use super::template::Template;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process;

/// The name of the target, and of its file below `tests/`.
pub(super) const TARGET: &str = "request_context_leaks";
/// The first line of each file that is written, and may be written anew.
const HEADER: &str =
    "// Written by `cargo request-context check --prove`, which writes it anew each time.\n";
/// What the writer passes where no other point is named.
const WRITTEN: &str = "the first session has written";

/// One test.
#[derive(Debug)]
pub(super) struct LeakTest {
    pub(super) name: String,
    /// What it is about, in one line.
    pub(super) about: String,
    /// The path of the state.
    pub(super) state: String,
    pub(super) write: String,
    pub(super) read: String,
}

/// Writes the tests of the package at `folder`, where no other file is in the way. What is there already
/// is not touched, so that it is not built again.
pub(super) fn write(folder: &Path, text: &str) -> Result<(), ProveError> {
    let path = folder.join("tests").join(format!("{TARGET}.rs"));
    match fs::read_to_string(&path) {
        // Git may have changed the ends of its lines.
        Ok(before) if before.lines().eq(text.lines()) => return Ok(()),
        Ok(before) if before.lines().next() != HEADER.lines().next() => {
            return Err(ProveError::file(path, None));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(ProveError::file(path, Some(error)));
        }
        _ => {}
    }
    let written = write_whole(&path, text);
    written.map_err(|error| ProveError::file(path, Some(error)))
}

/// Writes beside the file first: half of it would be nobody's. Where there is a link, it is not followed.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(process::id().to_string());
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It need not be there.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The text of the file; `kit` is the name that the package knows this crate by.
pub(super) fn text(
    kit: &str,
    app: &str,
    settings: &ProveSettings,
    seeds: u64,
    tests: &[LeakTest],
) -> String {
    let mut text = format!(
        "{HEADER}//! What the scanner found for review: one session asks for what another one has written.\n\n\
         #![cfg_attr(rustfmt, rustfmt_skip)]\n\n\
         use {kit}::testing::LeakTest;\nuse {kit}::testing::Report;\nuse {kit}::testing::TestRequest;\n\
         use {kit}::testing::Visitor;\nuse {kit}::testing::point;\nuse std::path::Path;\n\
         use std::sync::atomic::AtomicU64;\nuse std::sync::atomic::Ordering::Relaxed;\n\n\
         /// How often the program was made: a number that no run shares with another one.\n\
         static RUN: AtomicU64 = AtomicU64::new(0);\n"
    );
    for test in tests {
        let LeakTest { name, about, state, write, read } = test;
        let point = settings.points.get(state).map_or(WRITTEN, String::as_str);
        let _ = write!(
            text,
            "\n/// {about}\n#[test]\nfn {name}() {{\n    prove(\n        {name:?},\n        {point:?},\n        \
             {},\n        {},\n    );\n}}\n",
            closure(write),
            closure(read),
        );
    }
    let directed = (seeds / 10).clamp(1, seeds.max(1));
    let _ = write!(
        text,
        "\ntype Step = fn(&Visitor, u64) -> TestRequest;\n\n\
         /// First with the second session held until the first one has passed `written`, then by seeds alone.\n\
         fn prove(name: &str, written: &str, write: Step, read: Step) {{\n    \
         let directed = test(write, read).seeds(0..{directed}).hold(1, 0, written).run_blocking();\n    \
         let directed = keep(name, \"directed\", directed);\n    \
         assert!(directed.leaks.is_empty(), \"{{directed}}\");\n    \
         let seeded = test(write, read).seeds({directed}..{}).run_blocking();\n    \
         keep(name, \"seeded\", seeded).assert_isolated();\n}}\n\n\
         /// Each session reads, writes, and reads again.\n\
         fn test(write: Step, read: Step) -> LeakTest {{\n    \
         let program = || {{\n        RUN.fetch_add(1, Relaxed);\n        {}\n    }};\n    \
         let test = LeakTest::new(program).sessions(2).requests(4);\n    \
         // What is left behind is not what was found.\n    \
         let test = test.allow_left_tasks(usize::MAX).allow_left_contexts(usize::MAX);\n{}    \
         test.request(move |me, request, _| {{\n        let run = RUN.load(Relaxed);\n        \
         if request > 1 {{\n            point({WRITTEN:?});\n        }}\n        \
         {}\n    }})\n}}\n{KEEP}",
        seeds.max(directed + 1),
        made(app),
        login(settings),
        step(settings),
    );
    if app.contains(".await") {
        text.push_str(AT_ONCE);
    }
    text
}

/// The program, also where an async fn makes it.
fn made(app: &str) -> String {
    match app {
        app if app.contains(".await") => format!("at_once(async {{ {app} }})"),
        app if app.ends_with(|c: char| c.is_alphanumeric() || c == '_') => format!("{app}()"),
        app => app.to_owned(),
    }
}

fn closure(code: &str) -> String {
    let me = if code.contains("me.") { "me" } else { "_" };
    let run = if code.contains("{run}") { "run" } else { "_" };
    format!("|{me}, {run}| {code}")
}

/// The request of a step, with the headers that each one has.
fn step(settings: &ProveSettings) -> String {
    let step = "if request == 1 { write(me, run) } else { read(me, run) }";
    if settings.headers.is_empty() {
        return step.to_owned();
    }
    let mut code = format!("let request = {step};\n        request");
    for (name, value) in &settings.headers {
        let value = Template::new(value).code();
        let borrow = if value.starts_with('"') { "" } else { "&" };
        let _ = write!(code, ".header({name:?}, {borrow}{value})");
    }
    code
}

fn login(settings: &ProveSettings) -> String {
    let Some(login) = &settings.login else { return String::new() };
    let path = login.strip_prefix("POST ").unwrap_or(login);
    let json = settings.login_json.as_deref().map(Template::new).unwrap_or_default().code();
    let run = if json.contains("{run}") { "        let run = RUN.load(Relaxed);\n" } else { "" };
    let me = if json.contains("me.") { "me" } else { "_" };
    format!(
        "    let test = test.login(|{me}| {{\n{run}        TestRequest::post({path:?}).json({json})\n    }});\n"
    )
}

/// The part that keeps the reports for the command.
const KEEP: &str = r#"
/// Keeps the report for who has asked for it.
fn keep(name: &str, schedule: &str, report: Report) -> Report {
    if let Some(folder) = std::env::var_os("LEAK_REPORTS") {
        let file = |ending: &str| Path::new(&folder).join(format!("{name}.{schedule}.{ending}"));
        std::fs::write(file("txt"), report.to_string()).unwrap();
        std::fs::write(file("json"), report.to_json()).unwrap();
    }
    report
}
"#;

/// The part that makes a program by an async fn.
const AT_ONCE: &str = r#"
/// What makes the program may not wait: it runs before the schedule.
fn at_once<F: std::future::Future>(future: F) -> F::Output {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut cx) {
        std::task::Poll::Ready(made) => made,
        std::task::Poll::Pending => panic!("the program waits for something while it is made"),
    }
}
"#;
