//! `[package.metadata.request-context.prove]`: how a test makes the program, and signs in.

use super::ProveError;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use toml::Table;
use toml::Value;

/// What a package says of itself for its leak tests.
#[derive(Clone, Debug, Default)]
pub(super) struct ProveSettings {
    /// The expression that makes the program: a tower service, such as a router of axum.
    pub(super) app: Option<String>,
    /// The headers of each request.
    pub(super) headers: BTreeMap<String, String>,
    /// A value for each field and each part of a path that needs one, by its name.
    pub(super) params: BTreeMap<String, Value>,
    /// How a visitor logs in: `POST /login`.
    pub(super) login: Option<String>,
    pub(super) login_json: Option<String>,
    /// The point that the writer of some state passes when it has written, by the path of the state.
    pub(super) points: BTreeMap<String, String>,
}

impl ProveSettings {
    /// Those in the manifest of the package at `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, ProveError> {
        let path = folder.join("Cargo.toml");
        let wrong = |what: &str| ProveError::settings(path.clone(), what.to_owned());
        let text = fs::read_to_string(&path)
            .map_err(|error| ProveError::file(path.clone(), Some(error)))?;
        let manifest: Table =
            text.parse().map_err(|error: toml::de::Error| wrong(error.message()))?;
        let of_package = manifest
            .get("package")
            .and_then(|package| package.get("metadata")?.get("request-context")?.get("prove"));
        let Some(table) = of_package else { return Ok(Self::default()) };
        let table = table.as_table().ok_or_else(|| wrong("is not a table"))?;
        let mut settings = Self::default();
        for (key, value) in table {
            let text = || {
                let text = value.as_str().map(str::to_owned);
                text.ok_or_else(|| wrong(&format!("`{key}` is not a string")))
            };
            let texts = || {
                strings(value).ok_or_else(|| wrong(&format!("`{key}` is not a table of strings")))
            };
            match &**key {
                "app" => settings.app = Some(text()?),
                "login" => settings.login = Some(text()?),
                "login-json" => settings.login_json = Some(text()?),
                "headers" => settings.headers = texts()?,
                "points" => settings.points = texts()?,
                "params" => {
                    let samples = samples(value);
                    let what = "`params` is not a table of strings, numbers and booleans";
                    settings.params = samples.ok_or_else(|| wrong(what))?;
                }
                key => return Err(wrong(&format!("`{key}` is no setting"))),
            }
        }
        if settings.login.as_ref().is_some_and(|login| !is_post(login)) {
            return Err(wrong("`login` is none of the form `POST /path`"));
        }
        Ok(settings)
    }
}

/// Whether a login is of the only form that there is.
fn is_post(login: &str) -> bool {
    login.strip_prefix("POST ").is_some_and(|path| path.starts_with('/'))
}

fn strings(value: &Value) -> Option<BTreeMap<String, String>> {
    let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    value.as_table()?.iter().map(pair).collect()
}

fn samples(value: &Value) -> Option<BTreeMap<String, Value>> {
    let is_sample = |value: &Value| {
        matches!(value, Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_))
    };
    let table = value.as_table()?;
    let pairs = table.iter().map(|(key, value)| (key.clone(), value.clone()));
    table.values().all(is_sample).then(|| pairs.collect())
}
