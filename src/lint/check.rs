//! A check: what to read, what to hold against it, and where to stop.

use super::CheckError;
use super::Checked;
use super::Finding;
use super::Level;
use super::baseline::Baseline;
use super::judge::judge;
use super::reading::Reading;
use super::reading::cache_below;
use super::reading::root_above;
use super::source::Cache;
use std::env;
use std::path::PathBuf;

/// A check of sources for shared state and lost context. Nothing of them is built or run.
///
/// # Examples
///
/// As a test of a project of yours:
///
/// ```no_run
/// #[test]
/// fn no_request_sees_what_is_anothers() {
///     request_context::lint::Check::workspace().assert_clean();
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read until `run` or `assert_clean`"]
pub struct Check {
    paths: Vec<PathBuf>,
    all_targets: bool,
    deny: Option<Level>,
    baseline: Option<PathBuf>,
    ci: bool,
    cache: Option<PathBuf>,
    has_cache: bool,
    has_ways: bool,
}

impl Check {
    /// The workspace of the package whose test or build script this is, or of the current folder.
    pub fn workspace() -> Self {
        let start = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        Self::enclosing(start.or_else(|| env::current_dir().ok()).unwrap_or_default())
    }

    /// The workspace, or else the package, that a folder is in.
    pub fn enclosing(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self::paths([root_above(&folder).unwrap_or(folder)])
    }

    /// Folders with packages in or below them, and single files.
    pub fn paths<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            all_targets: false,
            deny: None,
            baseline: None,
            ci: false,
            cache: None,
            has_cache: true,
            has_ways: false,
        }
    }

    /// Also tests, examples, benches and build scripts.
    pub fn all_targets(mut self, all_targets: bool) -> Self {
        self.all_targets = all_targets;
        self
    }

    /// The lowest level that [`assert_clean`](Self::assert_clean) and [`Checked::denied`] hold against the
    /// sources. By default that of the settings, or else [`Level::Error`].
    pub fn deny(mut self, level: Level) -> Self {
        self.deny = Some(level);
        self
    }

    /// The file with the findings that are known. By default that of the settings, if any.
    pub fn baseline(mut self, path: impl Into<PathBuf>) -> Self {
        self.baseline = Some(path.into());
        self
    }

    /// Holds the sources to the baseline, which may only shrink: each finding that it lacks is denied,
    /// unless [`deny`](Self::deny) says which, and an entry that fits nothing fails
    /// [`assert_clean`](Self::assert_clean) as well.
    pub fn ci(mut self, ci: bool) -> Self {
        self.ci = ci;
        self
    }

    /// Where to keep what was read for the next run. By default below the target folder, if there is one.
    pub fn cache(mut self, path: impl Into<PathBuf>) -> Self {
        self.cache = Some(path.into());
        self
    }

    /// Keeps nothing for the next run.
    pub fn no_cache(mut self) -> Self {
        self.has_cache = false;
        self
    }

    /// Also finds by which requests a test reaches what is found.
    pub(super) fn with_ways(mut self) -> Self {
        self.has_ways = true;
        self
    }

    /// Reads the sources and applies the rules.
    ///
    /// What cannot be read or parsed is among the [notes](Checked::notes); the rest is checked.
    ///
    /// # Errors
    ///
    /// When there is nothing to read, when the settings are wrong, when the baseline cannot be read, and
    /// when there is none where [`ci`](Self::ci) needs one.
    pub fn run(&self) -> Result<Checked, CheckError> {
        let (checked, baselines) = self.run_whole()?;
        if self.ci && baselines.is_empty() {
            return Err(CheckError::no_baseline());
        }
        Ok(checked)
    }

    /// Writes the baseline anew from what is found now. Where `only_shrink`, nothing may be added to it.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); when there is no path for the baseline or it cannot be written; and when it
    /// would grow where it may only shrink.
    pub fn update_baseline(&self, only_shrink: bool) -> Result<Checked, CheckError> {
        let (checked, baselines) = self.run_whole()?;
        if baselines.is_empty() {
            return Err(CheckError::no_baseline());
        }
        let mut grown = None;
        let mut in_baseline = 0;
        for baseline in &baselines {
            in_baseline += baseline.write(only_shrink)?;
            if only_shrink && baseline.is_outgrown() {
                grown = Some(baseline.path().to_owned());
            }
        }
        if let Some(path) = grown {
            return Err(CheckError::baseline(path, None));
        }
        // Of a project without a baseline, findings stay.
        let known =
            |finding: &Finding| baselines.iter().any(|known| known.holds(&finding.fingerprint));
        let findings = checked.findings.iter().filter(|finding| !known(finding)).cloned().collect();
        Ok(Checked { findings, stale: Vec::new(), in_baseline, ..checked })
    }

    /// Fails the test it stands in, with the report, where something is denied.
    ///
    /// # Panics
    ///
    /// When there is a finding of the denied level or above, when the baseline should have shrunk, or when the check cannot be made.
    #[track_caller]
    pub fn assert_clean(&self) {
        match self.run() {
            Ok(checked) => {
                let is_shrunk = !self.ci || checked.stale_in_baseline().is_empty();
                assert!(checked.denied().is_none() && is_shrunk, "{}", checked.to_text(false));
            }
            Err(error) => panic!("the sources cannot be checked: {error}"),
        }
    }

    fn run_whole(&self) -> Result<(Checked, Vec<Baseline>), CheckError> {
        let reading = Reading::of(&self.paths, self.all_targets, |base| match &self.cache {
            Some(path) if self.has_cache => Cache::open(path.clone()),
            None if self.has_cache => cache_below(base).map(Cache::open).unwrap_or_default(),
            _ => Cache::default(),
        })?;
        let deny = self.deny.or(self.ci.then_some(Level::Review));
        judge(reading, deny, self.baseline.as_deref(), self.has_ways)
    }
}
