//! What a project says of itself: `[workspace.metadata.request-context]` in its `Cargo.toml`.

use super::CheckError;
use super::Level;
use super::Rule;
use super::in_clippy::InClippy;
use super::source::Package;
use super::source::Project;
use std::path::Path;
use std::sync::Arc;
use toml::Value;

/// What a project says of itself.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// The names of the packages that are read.
    pub(super) packages: Vec<String>,
    /// More words that name somebody.
    pub(super) identity: Vec<String>,
    /// More words that name what users have.
    pub(super) user_data: Vec<String>,
    /// More attributes that make a handler.
    pub(super) handlers: Vec<String>,
    /// Rules that are off.
    pub(super) allow: Vec<String>,
    /// Paths below the root that are left out.
    pub(super) exclude: Vec<String>,
    pub(super) deny: Option<Level>,
    pub(super) baseline: Option<String>,
    /// What is left to clippy.
    pub(super) clippy: Arc<InClippy>,
}

impl Settings {
    pub(super) fn read(
        project: &Project,
        packages: &[Package],
        clippy: &Arc<InClippy>,
    ) -> Result<Self, CheckError> {
        let known = project.own.iter().chain(&project.others);
        let mut settings = Self {
            packages: known.map(|package| packages[*package].name.clone()).collect(),
            clippy: Arc::clone(clippy),
            ..Self::default()
        };
        let Some(metadata) = &project.metadata else { return Ok(settings) };
        let wrong = |what: String| CheckError::settings(project.root.join("Cargo.toml"), what);
        let table = metadata.as_table().ok_or_else(|| wrong("is not a table".to_owned()))?;
        for (key, value) in table {
            match &**key {
                "identity" => settings.identity = strings(key, value).map_err(wrong)?,
                "user-data" => settings.user_data = strings(key, value).map_err(wrong)?,
                "handlers" => settings.handlers = strings(key, value).map_err(wrong)?,
                "exclude" => settings.exclude = strings(key, value).map_err(wrong)?,
                "allow" => {
                    settings.allow = strings(key, value).map_err(wrong)?;
                    if let Some(unknown) =
                        settings.allow.iter().find(|code| Rule::find(code).is_none())
                    {
                        return Err(wrong(format!("`allow` names `{unknown}`, which is no rule")));
                    }
                }
                "deny" => {
                    let level = value.as_str().and_then(|text| text.parse().ok());
                    let what =
                        || wrong("`deny` is none of `review`, `warning` and `error`".to_owned());
                    settings.deny = Some(level.ok_or_else(what)?);
                }
                "baseline" => {
                    let path =
                        value.as_str().ok_or_else(|| wrong("`baseline` is no path".to_owned()))?;
                    settings.baseline = Some(path.to_owned());
                }
                // Each package's own, and read from its manifest.
                "prove" => {}
                key => return Err(wrong(format!("`{key}` is no setting"))),
            }
        }
        Ok(settings)
    }

    /// Whether a path below the root is left out.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        self.exclude.iter().any(|prefix| path.starts_with(prefix.trim_start_matches("./")))
    }

    pub(super) fn allows(&self, rule: &Rule) -> bool {
        self.allow.iter().any(|code| code.eq_ignore_ascii_case(rule.code()) || code == rule.name())
    }
}

fn strings(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let strings = value
        .as_array()
        .map(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    strings.flatten().ok_or_else(|| format!("`{key}` is not a list of strings"))
}
