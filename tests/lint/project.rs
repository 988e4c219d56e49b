//! A project in a folder of its own.

use request_context::lint::Check;
use request_context::lint::Checked;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

const MANIFEST: &str = "[package]\nname = \"app\"\nedition = \"2024\"\n";

pub(super) struct Project(PathBuf);

impl Project {
    /// An empty package.
    pub(super) fn new() -> Self {
        Self::bare().file("Cargo.toml", MANIFEST)
    }

    /// An empty folder.
    pub(super) fn bare() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("lint-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder.canonicalize().unwrap())
    }

    /// A package whose whole source is `text`.
    pub(super) fn main(text: &str) -> Self {
        Self::new().file("src/main.rs", text)
    }

    pub(super) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn check(&self) -> Check {
        Check::paths([&self.0]).no_cache()
    }

    pub(super) fn run(&self) -> Checked {
        self.check().run().unwrap()
    }

    /// `CODE path:line` of each finding, by place.
    pub(super) fn found(&self) -> Vec<String> {
        found(&self.run())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `CODE path:line` of each finding, by place.
pub(super) fn found(checked: &Checked) -> Vec<String> {
    let mut found: Vec<_> = checked
        .findings()
        .iter()
        .map(|finding| {
            let place = finding.place();
            (place.path(), place.line(), finding.rule().code())
        })
        .collect();
    found.sort_unstable();
    found.iter().map(|(path, line, code)| format!("{code} {}:{line}", path.display())).collect()
}

/// The codes of what is found in one source.
pub(super) fn codes(text: &str) -> Vec<String> {
    let found = Project::main(text).found();
    found.iter().map(|found| found.split(' ').next().unwrap().to_owned()).collect()
}
