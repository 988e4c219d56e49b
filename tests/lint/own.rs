//! The scanner on its own repository.

use request_context::lint::Check;
use request_context::lint::Level;

#[test]
fn this_repository_is_clean_down_to_what_is_for_review() {
    Check::enclosing(env!("CARGO_MANIFEST_DIR")).deny(Level::Review).no_cache().assert_clean();
}

#[test]
fn each_file_of_this_repository_is_read() {
    let checked = Check::enclosing(env!("CARGO_MANIFEST_DIR")).no_cache().run().unwrap();
    let notes: Vec<_> = checked.notes().iter().map(request_context::lint::Note::text).collect();
    let left_out =
        "`access-compile`, `clippy-bans` not read, as tests, examples and benches are not";
    assert!(matches!(&notes[..], [note] if note.contains(left_out)), "{notes:?}");
    assert_eq!(checked.packages(), 2);
    assert_eq!(checked.unnamed_files(), 0);
    assert!(checked.files() > 200);
}
