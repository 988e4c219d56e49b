//! A package in a folder of its own.

use request_context::lint::Check;
use request_context::lint::Prove;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

pub(super) struct Package(PathBuf);

/// Where this crate is.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Package {
    /// An empty one, in the place of what was there.
    pub(super) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint_prove").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Self(folder.canonicalize().unwrap())
    }

    /// With this source as its library, and what it says for its tests. It asks for a kit that is
    /// nowhere, so that cargo can tell what the package is made of, and can build nothing.
    pub(super) fn library(name: &str, prove: &str, source: &str) -> Self {
        let kit = "[dev-dependencies]\nrequest-context = { version = \"=0.0.0\", features = [\"testing\"] }\n";
        Self::new(name).manifest(prove, kit).file("src/lib.rs", source)
    }

    pub(super) fn manifest(self, prove: &str, dependencies: &str) -> Self {
        let manifest = format!(
            "[package]\nname = \"app\"\nedition = \"2024\"\n[package.metadata.request-context.prove]\n{prove}\n\
             [workspace]\n{dependencies}"
        );
        self.file("Cargo.toml", &manifest)
    }

    pub(super) fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    pub(super) fn prove(&self) -> Prove {
        Prove::new(Check::paths([&self.0]).no_cache()).cargo_flag("--offline")
    }

    /// The leak tests that are written for it.
    pub(super) fn tests(&self) -> String {
        let whys = self.why_not();
        let unbuilt = |why: &String| why.contains("the leak tests cannot be built");
        assert!(whys.iter().any(unbuilt), "{whys:?}");
        self.read("tests/request_context_leaks.rs")
    }

    /// What became of each finding in it, where none is proved.
    pub(super) fn why_not(&self) -> Vec<String> {
        let checked = self.prove().run().unwrap();
        let found = checked.findings().iter();
        found.map(|finding| finding.verdict().unwrap().to_string()).collect()
    }
}
