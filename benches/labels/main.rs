//! Holds what the scanner finds in public servers against the places that a reader labelled there:
//! `cargo run --release -p request-context-benches --features lint --bin labels -- CHECKOUTS`.
//!
//! `CHECKOUTS` holds a folder `owner+name` for each server at its commit; `tests/lint/labels/README.md` tells
//! how to get them.

mod compare;
mod csv;
mod history;
mod label;
mod place;
mod report;
mod scope;
mod source;

use compare::Comparison;
use compare::compare;
use label::Label;
use label::labels_of;
use scope::Scope;
use scope::scopes_of;
use source::Source;
use source::sources_of;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

/// The halves, in the order in which they were labelled.
const SPLITS: [&str; 7] = ["tune", "judge", "judge2", "judge3", "judge4", "judge5", "judge6"];

const USAGE: &str = "labels CHECKOUTS [--historical FOLDER] [--only SPLIT]... [--list]
labels CHECKOUTS --digests

  --historical FOLDER  also the leaks of historical.csv, in folders named by their number
  --only SPLIT         of tune, judge and judge2 to judge6 this one
  --list               also each place that was missed, and each finding that nobody wants
  --digests            print sources.csv anew, from checkouts whose commits are known to be right";

fn main() -> ExitCode {
    match Request::from_args(env::args().skip(1)).and_then(|request| run(&request)) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

struct Request {
    checkouts: PathBuf,
    historical: Option<PathBuf>,
    only: BTreeSet<String>,
    list: bool,
    digests: bool,
}

impl Request {
    fn from_args(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut checkouts, mut historical, mut only) = (None, None, BTreeSet::new());
        let (mut list, mut digests) = (false, false);
        while let Some(arg) = args.next() {
            match &*arg {
                "--list" => list = true,
                "--digests" => digests = true,
                "--historical" => historical = Some(PathBuf::from(args.next().ok_or(USAGE)?)),
                "--only" => {
                    let split = args.next().filter(|split| SPLITS.contains(&&**split));
                    only.insert(split.ok_or(USAGE)?);
                }
                _ if arg.starts_with('-') || checkouts.is_some() => return Err(USAGE.to_owned()),
                _ => checkouts = Some(PathBuf::from(arg)),
            }
        }
        let checkouts = checkouts.ok_or(USAGE)?;
        Ok(Self { checkouts, historical, only, list, digests })
    }
}

fn run(request: &Request) -> Result<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/lint/labels");
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let scopes = scopes_of(&read("scopes.csv")?)?;
    if request.digests {
        return digests(request, &read, &scopes);
    }
    let sources = sources_of(&read("sources.csv")?)?;
    let mut text = String::new();
    for split in SPLITS {
        if !request.only.is_empty() && !request.only.contains(split) {
            continue;
        }
        let labels = labels_of(&read(&format!("{split}.csv"))?)?;
        let comparison = compare_split(&request.checkouts, split, &labels, &scopes, &sources)?;
        text += &report::table(split, &comparison);
        if request.list {
            text += &report::list(&comparison);
        }
    }
    if let Some(folder) = &request.historical {
        text += &history::table(&read("historical.csv")?, folder)?;
    }
    Ok(text)
}

/// Scans each server of one half and compares it with its labels.
fn compare_split(
    checkouts: &Path,
    split: &str,
    labels: &[Label],
    scopes: &[Scope],
    sources: &[Source],
) -> Result<Comparison, String> {
    let mut by_repository: BTreeMap<&str, Vec<Label>> = BTreeMap::new();
    for label in labels {
        by_repository.entry(&label.repository).or_default().push(label.clone());
    }
    let mut comparison = Comparison::default();
    for scope in scopes.iter().filter(|scope| scope.split == split) {
        // A server with a scope and without a single place is scanned as well.
        by_repository.entry(&scope.repository).or_default();
    }
    for (repository, labels) in by_repository {
        let scopes: Vec<_> = scopes.iter().filter(|scope| scope.repository == repository).collect();
        let source = sources.iter().find(|source| source.repository == repository);
        let source = source.ok_or_else(|| format!("{repository} is not in sources.csv"))?;
        if let Some(label) = labels.iter().find(|label| label.commit != source.commit) {
            return Err(format!(
                "{repository} is labelled at {} and {}",
                label.commit, source.commit
            ));
        }
        let checkout = source::checkout(checkouts, repository);
        source.verify(&checkout, &scopes)?;
        comparison.add(compare(labels, place::find(&checkout)?, &scopes));
    }
    Ok(comparison)
}

fn digests(
    request: &Request,
    read: &dyn Fn(&str) -> Result<String, String>,
    scopes: &[Scope],
) -> Result<String, String> {
    let mut commits = BTreeMap::new();
    for split in SPLITS {
        for label in labels_of(&read(&format!("{split}.csv"))?)? {
            commits.insert(label.repository, label.commit);
        }
    }
    let mut text = String::from("repository,commit,files,digest\n");
    for (repository, commit) in commits {
        let scopes: Vec<_> = scopes.iter().filter(|scope| scope.repository == repository).collect();
        let checkout = source::checkout(&request.checkouts, &repository);
        let (files, digest) = source::digest(&checkout, &scopes)?;
        text += &format!("{repository},{commit},{files},{digest:016x}\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use request_context::lint::Rule;

    fn read(name: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/lint/labels");
        fs::read_to_string(folder.join(name)).unwrap()
    }

    #[test]
    fn each_label_names_a_rule_at_its_level_and_a_server_of_its_half() {
        let scopes = scopes_of(&read("scopes.csv")).unwrap();
        let sources = sources_of(&read("sources.csv")).unwrap();
        for split in SPLITS {
            for label in labels_of(&read(&format!("{split}.csv"))).unwrap() {
                let place = format!("{split}: {} {}:{}", label.repository, label.file, label.line);
                let rule = Rule::find(&label.rule).expect(&place);
                assert_eq!(rule.level().as_str(), label.level, "{place}");
                let also = label.also.iter().map(|rule| Rule::find(rule));
                assert!(also.into_iter().all(|rule| rule.is_some()), "{place}");
                let is_of = |scope: &Scope| {
                    (&scope.repository, &*scope.split) == (&label.repository, split)
                };
                assert!(scopes.iter().any(is_of), "{place}");
                let is_at = |source: &Source| {
                    (&source.repository, &source.commit) == (&label.repository, &label.commit)
                };
                assert!(sources.iter().any(is_at), "{place}");
            }
        }
    }

    #[test]
    fn what_is_one_place_is_so_with_a_wanted_row_of_the_same_rule() {
        for split in SPLITS {
            let labels = labels_of(&read(&format!("{split}.csv"))).unwrap();
            for label in &labels {
                let Some((file, line)) = &label.one_with else {
                    continue;
                };
                let is_head = |head: &Label| {
                    head.positive
                        && head.one_with.is_none()
                        && (&head.repository, &head.rule) == (&label.repository, &label.rule)
                        && (&head.file, head.line) == (file, *line)
                };
                assert!(
                    labels.iter().any(is_head),
                    "{} {}:{}",
                    label.repository,
                    label.file,
                    label.line
                );
            }
        }
    }
}
