//! The ways in which a canary is found.

use super::KINDS;
use super::canaries;
use base64ct::Base64Unpadded;
use base64ct::Base64UrlUnpadded;
use base64ct::Encoding;
use request_context::testing::canary::Canaries;
use request_context::testing::canary::CanaryMatch;
use request_context::testing::canary::Variant;

fn only(canaries: &Canaries, text: &str) -> CanaryMatch {
    let found = canaries.find(text.as_bytes());
    assert_eq!(found.len(), 1, "{text}: {found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn nothing_is_found_where_nothing_is_planted() {
    for (field, _) in KINDS.into_iter().filter(|(field, _)| !matches!(*field, "note" | "email")) {
        let text = canaries(1).plant(0, field);
        assert_eq!(canaries(1).find(text.as_bytes()), []);
        let others = canaries(1);
        let _ = others.plant(1, field);
        assert_eq!(others.find(text.as_bytes()), []);
    }
}

#[test]
fn what_is_found_says_whose_it_is_and_where() {
    let canaries = canaries(1);
    for (field, kind) in KINDS {
        for session in [0, 5] {
            let canary = canaries.plant(session, field);
            let found = only(&canaries, &format!(r#"{{"{field}":"{canary}"}}"#));
            assert_eq!((found.session(), found.field()), (Some(session), Some(field)));
            assert_eq!(found.kind(), kind);
            assert_eq!((found.variant(), found.is_whole()), (Variant::AsIs, true));
            assert_eq!(found.offset(), field.len() as u64 + 5);
            assert!(found.excerpt().contains(&canary), "{found}");
        }
    }
}

#[test]
fn a_uuid_is_found_without_hyphens_and_in_braces() {
    let canaries = canaries(1);
    let order = canaries.plant(0, "order");
    for text in [order.replace('-', ""), format!("{{{}}}", order.to_uppercase())] {
        assert!(only(&canaries, &text).is_whole(), "{text}");
    }
}

#[test]
fn an_address_is_found_in_a_url_and_in_brackets() {
    let canaries = canaries(1);
    let peer = canaries.plant(0, "peer");
    assert_eq!(only(&canaries, &format!("http://[{peer}]:80/")).variant(), Variant::AsIs);
    let escaped = format!("?peer={}&next", peer.replace(':', "%3A"));
    assert_eq!(only(&canaries, &escaped).variant(), Variant::Percent);
}

#[test]
fn a_number_is_no_part_of_a_longer_one() {
    let canaries = canaries(1);
    let account = canaries.plant(0, "account");
    for text in [format!("1{account}"), format!("{account}1"), account[..15].to_owned()] {
        assert_eq!(canaries.find(text.as_bytes()), [], "{text}");
    }
    for text in [format!("id={account},"), format!("{account}.0"), format!("-{account}")] {
        assert!(only(&canaries, &text).is_whole(), "{text}");
    }
    let date = canaries.plant(0, "born");
    assert!(only(&canaries, &format!("{date}T00:00:00Z")).is_whole());
    assert_eq!(canaries.find(format!("{date}1").as_bytes()), []);
}

#[test]
fn half_of_a_token_is_enough_and_less_is_not() {
    let canaries = canaries(1);
    let note = canaries.plant(3, "note");
    for kept in 14..32 {
        for text in [format!("{}…", &note[..kept]), format!("…{}", &note[32 - kept..])] {
            let found = only(&canaries, &text);
            assert_eq!((found.session(), found.is_whole()), (Some(3), false));
            assert!(found.to_string().contains(&format!("{kept} of 32 characters")), "{found}");
        }
    }
    for text in [&note[..13], &note[19..], &note[1..31]] {
        assert_eq!(canaries.find(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn a_token_is_found_in_what_debug_and_json_write_of_bytes() {
    let canaries = canaries(1);
    let note = canaries.plant(0, "note");
    for text in [format!("{:?}", note.as_bytes()), serde_json::to_string(note.as_bytes()).unwrap()]
    {
        assert_eq!(only(&canaries, &text).variant(), Variant::ByteList, "{text}");
    }
}

#[test]
fn a_canary_is_found_in_base64_at_each_alignment_and_in_both_alphabets() {
    let canaries = canaries(1);
    for (field, _) in KINDS {
        let canary = canaries.plant(2, field);
        for before in ["", "?", "??"] {
            // What follows has letters that the two alphabets write in different ways.
            let value = format!("{before}{canary}>>>???");
            let standard = Base64Unpadded::encode_string(value.as_bytes());
            let url_safe = Base64UrlUnpadded::encode_string(value.as_bytes());
            assert_ne!(standard, url_safe);
            for text in [standard, url_safe] {
                let found = only(&canaries, &text);
                assert_eq!((found.session(), found.field()), (Some(2), Some(field)), "{value}");
                assert_eq!((found.variant(), found.is_whole()), (Variant::Base64, true), "{value}");
            }
        }
    }
}

#[test]
fn an_excerpt_is_on_one_line_and_hides_nothing() {
    let canaries = canaries(1);
    let note = canaries.plant(0, "note");
    let found = only(&canaries, &format!("a\r\n\u{1b}[31m\u{202e}{note}\0<b>"));
    let expected = format!("a\\r\\n\\u{{1b}}[31m\\u{{202e}}{note}\\u{{0}}<b>");
    assert_eq!(found.excerpt(), expected);
    let long = only(&canaries, &format!("{:x<200}{note}{:y<200}", "", ""));
    assert!(long.excerpt().starts_with('…') && long.excerpt().ends_with('…'));
    assert!(long.excerpt().chars().count() < 100);
}

#[test]
fn each_way_is_told_once_at_its_first_place() {
    let canaries = canaries(1);
    let note = canaries.plant(0, "note");
    let found = canaries.find(format!("{note} {note} {}", note.to_uppercase()).as_bytes());
    let found: Vec<_> = found.iter().map(|found| (found.variant(), found.offset())).collect();
    assert_eq!(found, [(Variant::AsIs, 0), (Variant::OtherCase, 66)]);
}

#[test]
fn a_token_of_another_seed_is_told_as_such() {
    let (canaries, earlier) = (canaries(1), canaries(2));
    let _ = canaries.plant(0, "note");
    for field in ["note", "email"] {
        let left = earlier.plant(0, field);
        let hex: String = left.bytes().map(|byte| format!("{byte:02x}")).collect();
        for text in [left.to_uppercase(), left.chars().rev().collect(), hex, left] {
            let found = only(&canaries, &text);
            assert_eq!((found.session(), found.field()), (None, None), "{text}");
            assert!(found.to_string().contains("another seed"), "{found}");
        }
    }
    // One letter off, and the checksum is wrong.
    let mut other = earlier.plant(0, "note");
    let last = if other.ends_with("aqz") { "b" } else { "a" };
    other.replace_range(29..30, last);
    assert_eq!(canaries.find(other.as_bytes()), []);
}
