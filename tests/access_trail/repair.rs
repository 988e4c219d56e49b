//! A last line that is not whole.

use crate::support::Folder;
use crate::support::builder;
use crate::support::write_trail;
use request_context::access::trail::Encoding;
use serde_json::Value;
use std::fs;

#[test]
fn torn_at_any_byte_it_is_cut_off_and_said_so_and_the_chain_goes_on() {
    let whole = Folder::new("repair");
    write_trail(builder(), whole.sink(), 1);
    let name = whole.files()[0].file_name().unwrap().to_owned();
    let bytes = fs::read(&whole.files()[0]).unwrap();
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for torn in 1..bytes.len() - last {
        let folder = Folder::new("repair");
        fs::write(folder.path().join(&name), &bytes[..last + torn]).unwrap();
        assert!(folder.verify().unwrap_err().as_fault().unwrap().is_truncated());
        write_trail(builder(), folder.sink(), 1);
        let lines = folder.lines();
        let repair: Value = serde_json::from_str(&lines[2]).unwrap();
        assert_eq!(repair["event"], "trail");
        assert_eq!(repair["action"], "repair");
        assert_eq!(repair["count"], torn);
        assert_eq!(folder.verify().unwrap().records(), 2 + 4);
    }
}

#[test]
fn a_torn_first_line_of_all_leaves_an_empty_file_that_is_used() {
    let folder = Folder::new("repair");
    write_trail(builder(), folder.sink(), 0);
    let file = folder.files().remove(0);
    fs::write(&file, "{\"time\":\"20").unwrap();
    write_trail(builder(), folder.sink(), 1);
    assert_eq!(folder.files(), [file]);
    assert_eq!(folder.verify().unwrap().records(), 4, "repair, open, access, close");
}

#[test]
fn a_newest_file_without_a_whole_line_goes_on_from_the_one_before() {
    let folder = Folder::new("repair");
    write_trail(builder(), folder.sink().max_bytes(1000), 5);
    let last = folder.files().pop().unwrap();
    for left in ["", "{\"to", &"x".repeat(100_000)] {
        fs::write(&last, left).unwrap();
        write_trail(builder(), folder.sink(), 1);
        folder.verify().unwrap();
    }
}

#[test]
fn a_line_longer_than_what_is_read_at_once_is_found_whole() {
    let folder = Folder::new("repair");
    let long = "\u{1}".repeat(1024);
    // Six bytes for each control character in every text.
    let trail = builder().encoding(Encoding::Ocsf).open(folder.sink()).unwrap();
    let chart = crate::support::chart(&long);
    for _ in 0..9 {
        let access = crate::support::context(&trail).sync_scope(|| {
            let access = request_context::access::Action::Read;
            request_context::access::record(access, &chart).reason(&*long).into_future()
        });
        pollster::block_on(access).unwrap();
    }
    pollster::block_on(trail.close()).unwrap();
    write_trail(builder(), folder.sink(), 1);
    assert_eq!(folder.verify().unwrap().records(), 14);
}

#[test]
fn megabytes_that_are_torn_are_cut_off_as_soon_as_they_are_read() {
    let folder = Folder::new("repair");
    write_trail(builder(), folder.sink(), 1);
    let file = &folder.files()[0];
    let mut torn = fs::read(file).unwrap();
    torn.resize(torn.len() + (16 << 20), b'x');
    fs::write(file, torn).unwrap();
    write_trail(builder(), folder.sink(), 1);
    assert_eq!(folder.verify().unwrap().records(), 7, "twice open, c-0, close; and repair");
}
