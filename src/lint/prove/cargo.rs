//! Cargo: what a package is made of, and its leak tests, built and run.

use super::ProveError;
use super::test_file::TARGET;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// How often it is looked whether the tests have ended.
const LOOK: Duration = Duration::from_millis(20);

/// Cargo, as it is called for one package.
#[derive(Debug)]
pub(super) struct Cargo<'a> {
    pub(super) folder: &'a Path,
    /// `--offline` and the like.
    pub(super) flags: &'a [String],
    pub(super) shows_build: bool,
}

/// What matters of a package.
#[derive(Debug)]
pub(super) struct PackageFacts {
    /// By which cargo tells it from all others.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) has_library: bool,
    /// The name that tests know this crate by, if they have it with what they need.
    pub(super) kit: Option<String>,
    /// The folder for what is built.
    pub(super) target: PathBuf,
}

impl Cargo<'_> {
    fn command(&self, subcommand: &str) -> Command {
        let mut command =
            Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        // As somebody does who stands there, so that its configuration holds.
        command.arg(subcommand).args(self.flags).current_dir(self.folder);
        command.stdin(Stdio::null());
        command
    }

    /// Asks what the package is made of.
    pub(super) fn package(&self) -> Result<PackageFacts, ProveError> {
        let mut command = self.command("metadata");
        let command = command.args(["--no-deps", "--format-version", "1"]);
        let output = command.output().map_err(ProveError::no_cargo)?;
        let what = "cargo cannot read the package";
        let metadata = if output.status.success() { json(&output.stdout) } else { None };
        let metadata = metadata.ok_or_else(|| ProveError::cargo(what, said(&output)))?;
        // In one form, for more than one leads there.
        let manifest = fs::canonicalize(self.folder.join("Cargo.toml")).ok();
        let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_it = |package: &&Value| {
            let path = package["manifest_path"].as_str();
            path.and_then(|path| fs::canonicalize(path).ok()) == manifest
        };
        let package = packages.iter().find(is_it);
        let package = package.ok_or_else(|| ProveError::cargo(what, String::new()))?;
        let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_library = |target: &Value| has(&target["kind"], &["lib", "rlib", "dylib"]);
        let dependencies =
            package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        let kit = dependencies.iter().find(|dependency| {
            dependency["name"] == "request-context"
                && dependency["kind"] != "build"
                && has(&dependency["features"], &["testing"])
        });
        let name_of =
            |kit: &Value| kit["rename"].as_str().unwrap_or("request-context").replace('-', "_");
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Ok(PackageFacts {
            id: text("id"),
            name: text("name"),
            has_library: targets.iter().any(is_library),
            kit: kit.map(name_of),
            target: metadata["target_directory"].as_str().map(PathBuf::from).unwrap_or_default(),
        })
    }

    /// Builds the leak tests of the package `id`: the program that runs them.
    pub(super) fn build(&self, id: &str) -> Result<PathBuf, ProveError> {
        let mut command = self.command("test");
        // A workspace may say that others are meant where none is named.
        command.args(["--package", id]);
        command.args(["--test", TARGET, "--no-run", "--message-format", "json-render-diagnostics"]);
        command.stderr(if self.shows_build { Stdio::inherit() } else { Stdio::piped() });
        command.stdout(Stdio::piped());
        let output = command.spawn().and_then(std::process::Child::wait_with_output);
        let output = output.map_err(ProveError::no_cargo)?;
        let mut executable = None;
        for line in output.stdout.split(|byte| *byte == b'\n') {
            let Some(message) = json(line) else { continue };
            if message["target"]["name"] == TARGET
                && let Some(path) = message["executable"].as_str()
            {
                executable = Some(PathBuf::from(path));
            }
        }
        let built = executable.filter(|_| output.status.success());
        built.ok_or_else(|| ProveError::cargo("the leak tests cannot be built", said(&output)))
    }

    /// Runs the leak tests, each of which leaves its report in `reports`, as what they print is left in
    /// `output`; false if the time was over.
    pub(super) fn run(
        &self,
        tests: &Path,
        reports: &Path,
        output: &Path,
        limit: Duration,
    ) -> Result<bool, ProveError> {
        let mut command = Command::new(tests);
        command.current_dir(self.folder).env("CARGO_MANIFEST_DIR", self.folder);
        command.env("LEAK_REPORTS", reports).env_remove("LEAK_SEED").env_remove("LEAK_REPLAY");
        // What it says is told, and is to be short.
        command.env("RUST_BACKTRACE", "0");
        let files = File::create(output).and_then(|out| Ok((out.try_clone()?, out)));
        let (out, err) = files.map_err(|error| ProveError::file(output.to_owned(), Some(error)))?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let mut running = command.spawn().map_err(ProveError::no_cargo)?;
        let start = Instant::now();
        loop {
            if running.try_wait().map_err(ProveError::no_cargo)?.is_some() {
                return Ok(true);
            }
            if start.elapsed() > limit {
                // It may have ended meanwhile.
                let _ = running.kill();
                running.wait().map_err(ProveError::no_cargo)?;
                return Ok(false);
            }
            thread::sleep(LOOK);
        }
    }
}

fn json(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

fn has(list: &Value, wanted: &[&str]) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|item| wanted.iter().any(|one| item == one)))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
