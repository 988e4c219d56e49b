//! `Prove`: a check, and a leak test for each finding for review.

use super::ProveError;
use super::Verdict;
use super::cargo::Cargo;
use super::request;
use super::request::Role;
use super::settings::ProveSettings;
use super::test_file;
use super::test_file::LeakTest;
use super::way::Way;
use crate::lint::Check;
use crate::lint::Checked;
use crate::lint::Finding;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

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
    /// settings are wrong; when the file of the tests is in the way of another one; when the tests cannot
    /// be built.
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
        for (folder, ways) in packages {
            self.package(&folder, &ways, &mut checked.findings)?;
        }
        checked.findings.sort_by_key(|finding| Reverse(finding.level()));
        Ok(checked)
    }

    /// Proves the findings of one package.
    fn package(
        &self,
        folder: &Path,
        ways: &[(usize, Way)],
        findings: &mut [Finding],
    ) -> Result<(), ProveError> {
        let settings = ProveSettings::read(folder)?;
        let Some(app) = &settings.app else {
            let why =
                "no `prove.app` in the Cargo.toml of its package says how the program is made";
            for (at, _) in ways {
                findings[*at].verdict = Some(Verdict::NotReachable { why: why.to_owned() });
            }
            return Ok(());
        };
        let cargo = Cargo { folder, flags: &self.flags, shows_build: self.shows_build };
        let package = cargo.package()?;
        let mut tests = Vec::new();
        let mut names = BTreeSet::new();
        for (at, way) in ways {
            let finding = &mut findings[*at];
            let test = match package.has_library {
                false => Err("its package has no library, which alone a test can use".to_owned()),
                true => test(finding, way, &settings, &mut names),
            };
            match test {
                Ok(test) => tests.push((*at, test)),
                Err(why) => finding.verdict = Some(Verdict::NotReachable { why }),
            }
        }
        if tests.is_empty() {
            return Ok(());
        }
        let kit = package.kit.ok_or_else(|| ProveError::dependency(folder.join("Cargo.toml")))?;
        let (places, tests): (Vec<_>, Vec<_>) = tests.into_iter().unzip();
        test_file::write(folder, &test_file::text(&kit, app, &settings, self.seeds, &tests))?;
        let built = cargo.build()?;
        let reports = package.target.join("request-context").join("leaks");
        empty(&reports)?;
        let otherwise = match cargo.run(&built, &reports, self.time_limit)? {
            true => "the test failed by itself: run it to see why".to_owned(),
            false => format!("the time limit of {} s was over", self.time_limit.as_secs()),
        };
        for (at, test) in places.into_iter().zip(&tests) {
            let verdict = Verdict::of_reports(&reports, &test.name, &otherwise);
            // No level is above that of an error, so that each check denies it.
            findings[at].is_denied |= verdict.is_proved();
            findings[at].verdict = Some(verdict);
        }
        Ok(())
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

/// The test of a finding, or why there is none.
fn test(
    finding: &Finding,
    way: &Way,
    settings: &ProveSettings,
    names: &mut BTreeSet<String>,
) -> Result<LeakTest, String> {
    let (writer, reader) = (&way.writer, &way.reader);
    let is_one = (&writer.method, &writer.path) == (&reader.method, &reader.path);
    let role = if is_one { Role::Writes } else { Role::Reads };
    let code = finding.rule.code();
    let state = way.state.replace("::", "_");
    let mut name = format!("{}_{}", code.to_lowercase(), state.to_lowercase());
    name.retain(|c| c.is_ascii_alphanumeric() || c == '_');
    while !names.insert(name.clone()) {
        name.push('_');
    }
    let about = format!(
        "{code} of `{}`: written by `{} {}`, read by `{} {}`.",
        way.state, writer.method, writer.path, reader.method, reader.path
    );
    let write = request::code(writer, Role::Writes, settings)?;
    let read = request::code(reader, role, settings)?;
    Ok(LeakTest { name, about, state: way.state.clone(), write, read })
}

/// An empty folder, so that no report is of an earlier run.
fn empty(folder: &Path) -> Result<(), ProveError> {
    let there = folder.is_dir();
    let removed = if there { fs::remove_dir_all(folder) } else { Ok(()) };
    let made = removed.and_then(|()| fs::create_dir_all(folder));
    made.map_err(|error| ProveError::file(folder.to_owned(), Some(error)))
}
