//! No text ends, forges or hides a line, and nothing is on record that nobody said.

use crate::support::Chart;
use crate::support::Folder;
use crate::support::builder;
use crate::support::chart;
use crate::support::context;
use pollster::block_on;
use proptest::prelude::*;
use request_context::ContextValue;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::Purpose;
use request_context::access::Resource;
use request_context::access::trail::Encoding;
use request_context::access::trail::SyncPolicy;
use request_context::access::trail::Trail;
use serde_json::Value;
use std::borrow::Cow;
use std::fs;

const ENCODINGS: [Encoding; 3] = [Encoding::Json, Encoding::Ocsf, Encoding::Ecs];

/// Text that would like to be more than text.
const HOSTILE: &[&str] = &[
    "\n{\"event\":\"access\"}\n",
    "\r\n",
    "\u{1b}[2K\u{1b}[1A",
    "\",\"user.id\":\"mallory",
    "\\",
    "\"seq\":1,\"prev\":\"",
    "\u{2028}\u{2029}\u{85}\u{202e}\u{2066}",
    "\0\u{7f}\u{9b}",
    "\u{fffd}\u{ffff}\u{10ffff}é漢🦀",
];

fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(HOSTILE).prop_map(str::to_owned),
        2 => proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => "[a-z]{0,300}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// The text of each of these, wherever the encoding has it.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn write(folder: &Folder, encoding: Encoding, all: [&str; 5]) -> Value {
    let [id, reason, purpose, by, service] = all;
    let trail = Trail::builder(service).encoding(encoding).open(folder.sink()).unwrap();
    let context = context(&trail)
        .to_builder()
        .insert(AuthenticatedBy::new(by.to_owned()))
        .insert(Purpose::new(purpose.to_owned()))
        .build();
    let chart = chart(id);
    let access = context.sync_scope(|| access::record(Action::Read, &chart).reason(reason));
    block_on(access.into_future()).unwrap();
    block_on(trail.close()).unwrap();
    serde_json::from_str(&folder.lines()[1]).unwrap()
}

fn shortened(text: &str, most: usize) -> &str {
    let fits = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    &text[..fits]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_hostile_text_is_one_text_of_one_line(
        texts_of in proptest::array::uniform5(hostile_text()),
        which in 0..3_usize,
    ) {
        let folder = Folder::new("forgery");
        let all = texts_of.each_ref().map(String::as_str);
        let record = write(&folder, ENCODINGS[which], all);
        prop_assert_eq!(folder.verify().unwrap().records(), 3);
        let file = fs::read_to_string(&folder.files()[0]).unwrap();
        prop_assert_eq!(file.matches('\n').count(), 3);
        let is_harmful = |c: char| c != '\n' && (c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        prop_assert!(!file.contains(is_harmful));
        let read = texts(&record);
        for (text, most) in all.iter().zip([256, 1024, 256, 256, 256]) {
            let begin = shortened(text, most);
            let is_whole = begin.len() == text.len();
            let matches = |read: &&str| if is_whole { read == text } else { read.starts_with(begin) };
            prop_assert!(read.iter().any(matches), "{:?} of {:?}", text, read);
        }
        let users = file.matches("mallory").count();
        prop_assert_eq!(users, file.matches("\\\"user.id\\\":\\\"mallory").count(), "no field is forged");
    }
}

#[test]
fn each_character_of_ascii_is_read_as_itself_wherever_it_stands_and_none_is_a_control() {
    let folder = Folder::new("forgery");
    let trail = builder().sync(SyncPolicy::Never).open(folder.sink()).unwrap();
    let context = context(&trail);
    let mut ids = Vec::new();
    for c in 0..=0x7F {
        for place in 0..17 {
            let id = format!("{}{}{}", "x".repeat(place), char::from(c), "~".repeat(16 - place));
            let chart = chart(&id);
            let access = context.clone().sync_scope(|| access::record(Action::Read, &chart));
            block_on(access.into_future()).unwrap();
            ids.push(id);
        }
    }
    let lines = folder.lines();
    assert_eq!(lines.len(), ids.len() + 1);
    for (line, id) in lines[1..].iter().zip(ids) {
        assert!(!line.contains(char::is_control), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["resource.id"], id);
    }
}

#[test]
fn an_id_of_a_megabyte_is_cut_and_marked_and_told_from_another_one() {
    let long = "x".repeat(1 << 20);
    let other = "x".repeat((1 << 20) - 1) + "y";
    for encoding in ENCODINGS {
        let ids = [&long, &other].map(|id| {
            let folder = Folder::new("forgery");
            let record = write(&folder, encoding, [id, "", "", "", "records"]);
            assert!(folder.lines()[1].len() < 4096);
            let all = texts(&record);
            (*all.iter().find(|text| text.starts_with("xxx")).unwrap()).to_owned()
        });
        let marked = format!("{}…[1048576 bytes, sha256:", "x".repeat(256));
        assert!(ids[0].starts_with(&marked), "{}", ids[0]);
        assert_eq!(ids[0].len(), marked.len() + 17);
        assert_ne!(ids[0], ids[1]);
    }
}

#[test]
fn a_text_at_the_limit_is_whole_and_one_beyond_is_cut_between_characters() {
    let folder = Folder::new("forgery");
    let whole = "é".repeat(128);
    let record = write(&folder, Encoding::Json, [&whole, "", "", "", "records"]);
    assert_eq!(record["resource.id"], whole);
    let folder = Folder::new("forgery");
    let beyond = format!("x{}", "é".repeat(128));
    let record = write(&folder, Encoding::Json, [&beyond, "", "", "", "records"]);
    let expected = format!("x{}…[257 bytes, sha256:", "é".repeat(127));
    assert!(record["resource.id"].as_str().unwrap().starts_with(&expected), "{record}");
}

#[test]
fn no_object_has_a_name_twice_of_which_a_reader_would_take_either() {
    for encoding in ENCODINGS {
        let folder = Folder::new("forgery");
        let last = write(&folder, encoding, ["c-7", "reason", "purpose", "mtls", "records"]);
        for line in folder.lines() {
            let read: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read.to_string().len(), line.len(), "{line}");
        }
        assert!(texts(&last).contains(&"purpose"));
    }
}

/// Values that a request has and nobody may read in the trail.
struct Credential(&'static str);
impl ContextValue for Credential {}

#[test]
fn no_value_of_the_context_and_no_payload_is_on_record() {
    struct Record {
        chart: Chart,
        payload: &'static str,
    }
    impl Resource for Record {
        const TYPE: &'static str = "record";
        fn id(&self) -> Cow<'_, str> {
            self.chart.id()
        }
    }
    for encoding in ENCODINGS {
        let folder = Folder::new("forgery");
        let trail = builder().encoding(encoding).open(folder.sink()).unwrap();
        let context: RequestContext =
            context(&trail).to_builder().insert(Credential("canary-token")).build();
        let record = Record { chart: chart("c-7"), payload: "canary-payload" };
        let access = context.clone().sync_scope(|| access::record(Action::Read, &record));
        block_on(access.into_future()).unwrap();
        let text = folder.lines().join("\n");
        assert!(text.contains("c-7"));
        assert_eq!(record.payload, "canary-payload");
        assert_eq!(context.get::<Credential>().unwrap().0, "canary-token");
        assert!(!text.contains("canary"), "{text}");
    }
}
