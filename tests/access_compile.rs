//! What does not compile, beside twins that do: without its permit data cannot be reached, and
//! nobody but the policy makes one.

use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// File, line, and code of an error.
type Errors = BTreeSet<(String, u64, String)>;

/// What the source marks: `//~ E0061` at the end of a line that must not compile.
fn marked(cases: &Path) -> BTreeMap<String, Errors> {
    let files = fs::read_dir(cases.join("src/bin")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let marks = (1..).zip(text.lines()).filter_map(|(line, text)| {
                let code = text.split_once("//~ ")?.1;
                Some((name.clone(), line, code.to_owned()))
            });
            (name.clone(), marks.collect())
        })
        .collect()
}

/// What the compiler says.
fn reported(cases: &Path) -> Errors {
    let out = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--bins", "--keep-going", "--message-format=json"])
        .arg("--manifest-path")
        .arg(cases.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("access_compile"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let messages = messages.filter(|message| message["reason"] == "compiler-message");
    let errors: Errors = messages
        .filter_map(|message| {
            let message = &message["message"];
            let code = message["code"]["code"].as_str()?.to_owned();
            let spans = message["spans"].as_array()?;
            let span = spans.iter().find(|span| span["is_primary"] == true)?;
            let file = Path::new(span["file_name"].as_str()?).file_name()?.to_str()?;
            let is_error = message["level"] == "error";
            is_error.then(|| (file.to_owned(), span["line_start"].as_u64().unwrap(), code))
        })
        .collect();
    assert!(!errors.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    errors
}

#[test]
fn data_is_reached_by_its_permit_alone_which_nobody_else_makes() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access_compile");
    let marked = marked(&cases);
    let twins = marked.values().filter(|marks| marks.is_empty()).count();
    assert_eq!((twins, marked.len() - twins), (2, 5), "the cases are all there");
    let marks: Errors = marked.into_values().flatten().collect();
    assert_eq!(reported(&cases), marks);
}
