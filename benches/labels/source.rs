//! The sources that the labels are of, and whether a checkout holds them.

use crate::csv::rows_of;
use crate::csv::take;
use crate::scope::Scope;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A server at its commit.
#[derive(Debug)]
pub struct Source {
    pub repository: String,
    pub commit: String,
    files: usize,
    digest: u64,
}

pub fn sources_of(text: &str) -> Result<Vec<Source>, String> {
    rows_of(text)?
        .into_iter()
        .map(|mut row| {
            let (files, digest) = (take(&mut row, "files")?, take(&mut row, "digest")?);
            Ok(Source {
                repository: take(&mut row, "repository")?,
                commit: take(&mut row, "commit")?,
                files: files.parse().map_err(|_| format!("not a number of files: {files}"))?,
                digest: u64::from_str_radix(&digest, 16)
                    .map_err(|_| format!("no digest: {digest}"))?,
            })
        })
        .collect()
}

/// Where the checkout of a server is.
pub fn checkout(checkouts: &Path, repository: &str) -> PathBuf {
    checkouts.join(repository.replacen('/', "+", 1))
}

impl Source {
    /// Fails unless the files that were labelled are those of the commit.
    pub fn verify(&self, checkout: &Path, scopes: &[&Scope]) -> Result<(), String> {
        let (files, digest) = digest(checkout, scopes)?;
        if (files, digest) == (self.files, self.digest) {
            return Ok(());
        }
        Err(format!(
            "{} is not {} at {}: of the {} labelled files there are {files}, with the digest {digest:016x} \
             instead of {:016x}; check that commit out",
            checkout.display(),
            self.repository,
            self.commit,
            self.files,
            self.digest
        ))
    }
}

/// How many labelled files of Rust there are in a checkout, and a digest of their paths and texts.
///
/// A checkout may hold more than these, a whole clone for instance: only what was labelled counts.
pub fn digest(checkout: &Path, scopes: &[&Scope]) -> Result<(usize, u64), String> {
    let mut files = Vec::new();
    collect(checkout, checkout, &mut files).map_err(|error| {
        format!("{}: {error}; the labels' README tells how to get it", checkout.display())
    })?;
    files.retain(|file| scopes.iter().any(|scope| scope.holds_file(file)));
    files.sort();
    let mut digest = Fnv::new();
    for file in &files {
        let path = checkout.join(file);
        let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        digest.add(file.as_bytes());
        digest.add(&text);
    }
    Ok((files.len(), digest.0))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        // Links are left out, since a checkout without them is as good.
        if kind.is_dir() && entry.file_name() != ".git" && entry.file_name() != "target" {
            collect(root, &path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).unwrap_or(&path);
            files.push(below.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// FNV-1a of 64 bits: tells commits apart, withstands nobody.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        // The length keeps a path apart from the text that follows it.
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::scopes_of;

    #[test]
    fn a_checkout_that_is_missing_or_of_another_commit_is_named() {
        let folder = std::env::temp_dir().join(format!("labels-{}", std::process::id()));
        let scopes = "repository,split,paths_labelled,paths_left_out,rules_labelled\n\
             a/b,tune,src,,all\n";
        let scopes = scopes_of(scopes).unwrap();
        let scopes: Vec<_> = scopes.iter().collect();
        let checkout = checkout(&folder, "a/b");
        assert!(digest(&checkout, &scopes).unwrap_err().contains("a+b"));

        fs::create_dir_all(checkout.join("src")).unwrap();
        fs::write(checkout.join("src/a.rs"), "fn a() {}").unwrap();
        let (files, digest) = digest(&checkout, &scopes).unwrap();
        let source =
            Source { repository: "a/b".to_owned(), commit: "c0ffee".to_owned(), files, digest };
        fs::write(checkout.join("build.rs"), "fn main() {}").unwrap();
        source.verify(&checkout, &scopes).unwrap();

        fs::write(checkout.join("src/a.rs"), "fn b() {}").unwrap();
        let problem = source.verify(&checkout, &scopes).unwrap_err();
        assert!(problem.contains("is not a/b at c0ffee"), "{problem}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
