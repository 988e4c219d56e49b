//! `Prove`: a check, and a leak test for each finding for review.

use super::ProveError;
use super::Verdict;
use super::cargo::Cargo;
use super::cargo::PackageFacts;
use super::request;
use super::request::Role;
use super::settings::ProveSettings;
use super::test_file;
use super::test_file::LeakTest;
use super::way::Request;
use super::way::Way;
use crate::lint::Check;
use crate::lint::Checked;
use crate::lint::Finding;
use crate::lint::report::plain_line;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

/// How many lines of what a test has printed are told.
const MAX_SAID: usize = 20;
/// How many tests a finding gets at most, each of another pair of routes.
const MAX_TESTS: usize = 3;
/// How long the name of a test may be.
const MAX_NAME: usize = 150;

/// A check, and for each finding for review that a test can reach a leak test that is written, built
/// and run.
///
/// It writes `tests/request_context_leaks.rs` in each package with such a finding, and **builds and runs
/// that package's code**, which [`Check`] alone never does. What it comes to is the
/// [verdict](Finding::verdict) of each finding; one that is proved has the level of an error.
///
/// The module documentation of [`lint`](crate::lint) has what a package says for it in its `Cargo.toml`.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked until it is run"]
pub struct Prove {
    check: Check,
    seeds: u64,
    flags: Vec<String>,
    time_limit: Duration,
    shows_build: bool,
}

impl Prove {
    /// What `check` finds for review.
    pub fn new(check: Check) -> Self {
        let (seeds, time_limit) = (200, Duration::from_secs(600));
        Self { check, seeds, flags: Vec::new(), time_limit, shows_build: false }
    }

    /// How many schedules each test tries, at least two: 200, unless given.
    pub fn seeds(mut self, seeds: u64) -> Self {
        self.seeds = seeds.max(2);
        self
    }

    /// A flag for cargo, such as `--offline`.
    pub fn cargo_flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// How long the tests of one package may run, once they are built: 10 minutes, unless given.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Has cargo show on standard error what it builds.
    pub fn show_build(mut self) -> Self {
        self.shows_build = true;
        self
    }

    /// Checks, writes the tests, builds and runs them.
    ///
    /// What the baseline knows, or a comment silences, is not proved.
    ///
    /// # Errors
    ///
    /// When the check cannot be made; when a package lacks the dev-dependency that its tests need, or its
    /// settings are wrong; when another file is where that of the tests has to be; when there is no cargo.
    /// Tests that cannot be built are no such error: that is their [verdict](Verdict::NotRun).
    pub fn run(&self) -> Result<Checked, ProveError> {
        let mut checked = self.check.clone().with_ways().run()?;
        let mut packages: BTreeMap<PathBuf, Vec<(usize, Way)>> = BTreeMap::new();
        for (at, finding) in checked.findings.iter_mut().enumerate() {
            match finding.way.take() {
                Some(Ok(way)) => {
                    let folder = home(&way.folders)?;
                    packages.entry(folder).or_default().push((at, way));
                }
                Some(Err(why)) => finding.verdict = Some(Verdict::NotReachable { why }),
                None => {}
            }
        }
        let mut prepared = Vec::new();
        for (folder, ways) in packages {
            prepared.extend(self.prepare(folder, &ways, &mut checked.findings)?);
        }
        // What people have to mend is told before anything is built.
        for tests in &prepared {
            test_file::write(&tests.folder, &tests.text)?;
        }
        for tests in &prepared {
            self.prove(tests, &mut checked.findings)?;
        }
        checked.findings.sort_by_key(|finding| Reverse(finding.level()));
        Ok(checked)
    }

    fn cargo<'a>(&'a self, folder: &'a Path) -> Cargo<'a> {
        Cargo { folder, flags: &self.flags, shows_build: self.shows_build }
    }

    /// The leak tests of one package, if there are any.
    fn prepare(
        &self,
        folder: PathBuf,
        ways: &[(usize, Way)],
        findings: &mut [Finding],
    ) -> Result<Option<Prepared>, ProveError> {
        let mut all_are = |verdict: &Verdict| {
            for (at, _) in ways {
                findings[*at].verdict = Some(verdict.clone());
            }
        };
        let settings = ProveSettings::read(&folder)?;
        let Some(app) = &settings.app else {
            let why =
                "no `prove.app` in the Cargo.toml of its package says how the program is made";
            all_are(&Verdict::NotReachable { why: why.to_owned() });
            return Ok(None);
        };
        let package = match self.cargo(&folder).package() {
            Ok(package) => package,
            Err(error) if error.is_of_package() => {
                all_are(&Verdict::NotRun { why: error.to_string() });
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut tests = Vec::new();
        let mut names = BTreeSet::new();
        for (at, way) in ways {
            let finding = &mut findings[*at];
            let written = match package.has_library {
                false => Err("its package has no library, which alone a test can use".to_owned()),
                true => tests_of(finding, way, &settings, &mut names),
            };
            match written {
                Ok(written) => tests.extend(written.into_iter().map(|test| (*at, test))),
                Err(why) => finding.verdict = Some(Verdict::NotReachable { why }),
            }
        }
        if tests.is_empty() {
            return Ok(None);
        }
        let Some(kit) = &package.kit else {
            return Err(ProveError::dependency(folder.join("Cargo.toml")));
        };
        let (places, tests): (Vec<_>, Vec<_>) = tests.into_iter().unzip();
        let text = test_file::text(kit, app, &settings, self.seeds, &tests);
        let names = tests.into_iter().map(|test| test.name);
        let tests = places.into_iter().zip(names).collect();
        Ok(Some(Prepared { folder, package, tests, text }))
    }

    /// Builds and runs the leak tests of one package. Where its code fails, that is the verdict, and those
    /// of other packages are run all the same.
    fn prove(&self, prepared: &Prepared, findings: &mut [Finding]) -> Result<(), ProveError> {
        let Prepared { folder, package, tests, .. } = prepared;
        let cargo = self.cargo(folder);
        let built = match cargo.build(&package.id) {
            Ok(built) => built,
            Err(error) if error.is_of_package() => {
                for (at, _) in tests {
                    findings[*at].verdict = Some(Verdict::NotRun { why: error.to_string() });
                }
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let reports = Reports::below(&package.target)?;
        let output = reports.0.join("output");
        let has_ended = cargo.run(&built, &reports.0, &output, self.time_limit)?;
        let output = fs::read(output).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        for (at, name) in tests {
            let verdict =
                Verdict::of_reports(&reports.0, &package.name, name, || match has_ended {
                    true => format!("the test failed by itself: {}", said_of(&output, name)),
                    false => format!("the time limit of {} s was over", self.time_limit.as_secs()),
                });
            let finding = &mut findings[*at];
            // No level is above that of an error, so that each check denies it.
            finding.is_denied |= verdict.is_proved();
            let before = finding.verdict.as_ref().map(Verdict::worth);
            if before < Some(verdict.worth()) {
                finding.verdict = Some(verdict);
            }
        }
        Ok(())
    }
}

/// The leak tests of one package.
struct Prepared {
    folder: PathBuf,
    package: PackageFacts,
    /// Which finding each is of, and its name.
    tests: Vec<(usize, String)>,
    text: String,
}

/// The folder that tests leave their reports in: of this run alone, and gone after it.
struct Reports(PathBuf);

impl Reports {
    fn below(target: &Path) -> Result<Self, ProveError> {
        let name = format!("leaks-{}", process::id());
        let folder = Self(target.join("request-context").join(name));
        let there = folder.0.is_dir();
        let removed = if there { fs::remove_dir_all(&folder.0) } else { Ok(()) };
        let made = removed.and_then(|()| fs::create_dir_all(&folder.0));
        made.map_err(|error| ProveError::file(folder.0.clone(), Some(error)))?;
        Ok(folder)
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        // It is below the target folder, and only takes up room there.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The first package that says how the program is made, or else the first.
fn home(folders: &[PathBuf]) -> Result<PathBuf, ProveError> {
    for folder in folders {
        if ProveSettings::read(folder)?.app.is_some() {
            return Ok(folder.clone());
        }
    }
    Ok(folders.first().cloned().unwrap_or_default())
}

/// The tests of a finding, the likeliest first, or why there is none.
fn tests_of(
    finding: &Finding,
    way: &Way,
    settings: &ProveSettings,
    names: &mut BTreeSet<String>,
) -> Result<Vec<LeakTest>, String> {
    let writers = sendable(&way.writers, |writer| request::code(writer, Role::Writes, settings))?;
    let mut pairs = Vec::new();
    for (nth, (writer, write)) in writers.iter().enumerate() {
        let readers = sendable(&way.readers, |reader| {
            let is_one = (&writer.method, &writer.path) == (&reader.method, &reader.path);
            request::code(reader, if is_one { Role::Writes } else { Role::Reads }, settings)
        });
        match readers {
            Ok(readers) => pairs.extend(
                readers.into_iter().enumerate().map(|(m, read)| (nth + m, (*writer, write), read)),
            ),
            Err(why) if nth + 1 == writers.len() && pairs.is_empty() => return Err(why),
            Err(_) => {}
        }
    }
    // The likeliest ones of both together.
    pairs.sort_by_key(|(unlikely, ..)| *unlikely);
    pairs.truncate(MAX_TESTS);
    let code = finding.rule.code();
    let state = way.state.replace("::", "_");
    let tests = pairs.into_iter().map(|(_, (writer, write), (reader, read))| {
        let mut name = format!("{}_{}", code.to_lowercase(), state.to_lowercase());
        name.retain(|c| c.is_ascii_alphanumeric() || c == '_');
        // It is a part of the names of files.
        name.truncate(MAX_NAME);
        while !names.insert(name.clone()) {
            name.push('_');
        }
        let about = format!(
            "{code} of `{}`: written by `{} {}`, read by `{} {}`.",
            way.state, writer.method, writer.path, reader.method, reader.path
        );
        let (about, state) = (plain_line(&about), way.state.clone());
        LeakTest { name, about, state, write: write.clone(), read }
    });
    Ok(tests.collect())
}

/// Those of `requests` that can be sent, with their code; or why the likeliest one cannot.
fn sendable(
    requests: &[Request],
    code: impl Fn(&Request) -> Result<String, String>,
) -> Result<Vec<(&Request, String)>, String> {
    let (mut sendable, mut why) = (Vec::new(), None);
    for request in requests {
        match code(request) {
            Ok(code) => sendable.push((request, code)),
            Err(fault) => why = why.or(Some(fault)),
        }
    }
    if sendable.is_empty() { Err(why.unwrap_or_default()) } else { Ok(sendable) }
}

/// What a test has printed of its end, as the harness puts it; or the end of all that was printed, where
/// the whole program has died of it.
fn said_of(output: &str, name: &str) -> String {
    let own = output.split_once(&format!("---- {name} stdout ----\n"));
    let lines: Vec<_> = match own {
        Some((_, rest)) => {
            let rest = rest.split("\n---- ").next().unwrap_or_default();
            let rest = rest.split("\nfailures:\n").next().unwrap_or_default();
            rest.trim().lines().take(MAX_SAID).collect()
        }
        None => {
            let lines: Vec<_> = output.trim().lines().collect();
            lines[lines.len().saturating_sub(MAX_SAID)..].to_vec()
        }
    };
    lines.join("\n")
}
