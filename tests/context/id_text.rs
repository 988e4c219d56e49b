//! IDs compare, hash and print by their text, whether it is short (in place) or long (shared).

#![expect(clippy::disallowed_methods, reason = "no request is at work here")]

use proptest::prelude::*;
use request_context::RequestId;
use request_context::SessionId;
use request_context::UserId;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;

/// Around every length up to which an ID is kept in place.
const LENGTHS: [usize; 10] = [1, 22, 36, 37, 38, 39, 45, 46, 47, 128];

#[test]
fn a_fresh_request_id_is_a_version_4_uuid_in_hyphenated_lower_case() {
    for id in [RequestId::new(), RequestId::default()] {
        let text = id.as_str();
        assert_eq!(text.len(), 36);
        for (position, c) in text.char_indices() {
            match position {
                8 | 13 | 18 | 23 => assert_eq!(c, '-'),
                14 => assert_eq!(c, '4', "version 4"),
                19 => assert!("89ab".contains(c), "the variant of RFC 9562"),
                _ => assert!(matches!(c, '0'..='9' | 'a'..='f'), "{text}"),
            }
        }
        assert_eq!(text.parse::<RequestId>().unwrap(), id);
    }
}

#[test]
fn ids_that_differ_in_trailing_characters_alone_differ() {
    for length in LENGTHS {
        let text = "a".repeat(length);
        for more in ["0", "00", "a", "~", "\u{e4}"] {
            let [shorter, longer] = [text.clone(), format!("{text}{more}")];
            let [a, b] = [&shorter, &longer].map(|text| text.parse::<UserId>());
            assert!(a.is_ok() && a != b, "{shorter}, {longer}");
            assert_eq!(a, shorter.parse());
            let [a, b] = [&shorter, &longer].map(|text| text.parse::<SessionId>());
            assert!(a.is_ok() && a != b, "{shorter}, {longer}");
        }
    }
}

#[test]
fn ten_thousand_fresh_request_ids_are_distinct() {
    let ids: HashSet<_> = (0..10_000).map(|_| RequestId::new()).collect();
    assert_eq!(ids.len(), 10_000);
}

#[test]
fn fresh_request_ids_of_many_threads_are_distinct() {
    let threads: Vec<_> = (0..8)
        .map(|_| std::thread::spawn(|| (0..500).map(|_| RequestId::new()).collect::<Vec<_>>()))
        .collect();
    let ids: HashSet<_> = threads.into_iter().flat_map(|it| it.join().unwrap()).collect();
    assert_eq!(ids.len(), 8 * 500);
}

macro_rules! prints_its_text {
    ($id:ident) => {
        for length in LENGTHS {
            let text = "x".repeat(length);
            let id: $id = text.parse().unwrap();
            assert_eq!(id.as_str(), text);
            assert_eq!(AsRef::<str>::as_ref(&id), text);
            assert_eq!(id.to_string(), text);
            assert_eq!(format!("{id:?}"), format!(concat!(stringify!($id), "({:?})"), text));
            assert_eq!(id.clone(), id);
            assert_eq!($id::try_from(text.as_str()).unwrap(), id);
            assert_eq!($id::try_from(text).unwrap(), id);
        }
    };
}

#[test]
fn every_id_gives_its_text_back_whatever_its_length() {
    prints_its_text!(RequestId);
    prints_its_text!(SessionId);
    prints_its_text!(UserId);
}

#[test]
fn display_honours_width_fill_alignment_and_precision() {
    let id: RequestId = "abc".parse().unwrap();
    assert_eq!(format!("[{id:5}]"), "[abc  ]");
    assert_eq!(format!("[{id:>5}]"), "[  abc]");
    assert_eq!(format!("[{id:*^7}]"), "[**abc**]");
    assert_eq!(format!("[{id:.2}]"), "[ab]");
    let id: UserId = "é".parse().unwrap();
    assert_eq!(format!("[{id:>3}]"), "[  é]", "it counts characters");
    let long: SessionId = "x".repeat(60).parse().unwrap();
    assert_eq!(format!("{long:>62}"), format!("  {}", "x".repeat(60)));
}

#[test]
fn debug_escapes_what_would_break_out_of_the_quotes() {
    let id: UserId = "a\"b\\c".parse().unwrap();
    assert_eq!(format!("{id:?}"), r#"UserId("a\"b\\c")"#);
}

#[test]
fn sets_find_ids_by_text_whatever_their_length() {
    let ids = || LENGTHS.map(|length| "x".repeat(length).parse::<SessionId>().unwrap());
    let hashed: HashSet<_> = ids().into_iter().collect();
    let sorted: BTreeSet<_> = ids().into_iter().collect();
    assert_eq!((hashed.len(), sorted.len()), (LENGTHS.len(), LENGTHS.len()));
    for id in ids() {
        assert!(hashed.contains(&id) && sorted.contains(&id), "{id}");
    }
    assert!(!hashed.contains(&"x".repeat(40).parse().unwrap()));
    assert!(sorted.iter().map(SessionId::as_str).is_sorted());
}

/// Texts that often share a long beginning, of lengths on both sides of the one kept in place.
fn two_texts() -> impl Strategy<Value = [String; 2]> {
    let text = || "[ab]{0,3}";
    (0..60_usize, text(), text()).prop_filter_map("an ID is not empty", |(common, one, other)| {
        let texts = [one, other].map(|end| format!("{}{end}", "a".repeat(common)));
        texts.iter().all(|text| !text.is_empty()).then_some(texts)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ids_are_equal_ordered_and_hashed_as_their_texts_are([one, other] in two_texts()) {
        let state = RandomState::new();
        macro_rules! agrees {
            ($id:ident) => {
                let ids = (one.parse::<$id>().unwrap(), other.parse::<$id>().unwrap());
                prop_assert_eq!(ids.0 == ids.1, one == other);
                prop_assert_eq!(ids.0.cmp(&ids.1), one.cmp(&other));
                prop_assert_eq!(ids.0.partial_cmp(&ids.1), one.partial_cmp(&other));
                prop_assert_eq!(state.hash_one(&ids.0) == state.hash_one(&ids.1), one == other);
            };
        }
        agrees!(RequestId);
        agrees!(SessionId);
        agrees!(UserId);
    }

    #[test]
    fn any_legal_text_comes_back_as_it_was(text in "\\PC{1,64}") {
        prop_assert_eq!(text.parse::<UserId>().unwrap().to_string(), text.as_str());
        prop_assert_eq!(text.parse::<SessionId>().unwrap().to_string(), text);
    }
}
