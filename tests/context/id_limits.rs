//! What an ID may hold: the limits, the characters, and the error for each fault.

use request_context::InvalidId;
use request_context::RequestId;
use request_context::SessionId;
use request_context::UserId;
use std::error::Error;
use std::str::FromStr;

const REQUEST_ID_LIMIT: usize = 128;
const IDENTITY_LIMIT: usize = 256;

#[derive(Debug, PartialEq)]
enum Verdict {
    Legal,
    Empty,
    TooLong,
    IllegalCharacter,
}

fn verdict<I: FromStr<Err = InvalidId>>(text: &str) -> Verdict {
    let Err(error) = text.parse::<I>() else {
        return Verdict::Legal;
    };
    let predicates = [error.is_empty(), error.is_too_long(), error.is_illegal_character()];
    match predicates {
        [true, false, false] => Verdict::Empty,
        [false, true, false] => Verdict::TooLong,
        [false, false, true] => Verdict::IllegalCharacter,
        _ => panic!("exactly one predicate holds: {predicates:?}"),
    }
}

fn verdict_of_identities(text: &str) -> Verdict {
    let session = verdict::<SessionId>(text);
    assert_eq!(session, verdict::<UserId>(text), "the two have the same rules");
    session
}

#[test]
fn a_request_id_has_1_to_128_bytes() {
    assert_eq!(verdict::<RequestId>(""), Verdict::Empty);
    for length in [1, 2, 36, 37, 38, 39, 127, REQUEST_ID_LIMIT] {
        let text = "x".repeat(length);
        assert_eq!(text.parse::<RequestId>().unwrap().as_str(), text);
    }
    for length in [REQUEST_ID_LIMIT + 1, 256, 100_000] {
        assert_eq!(verdict::<RequestId>(&"x".repeat(length)), Verdict::TooLong, "{length}");
    }
}

#[test]
fn a_request_id_has_letters_digits_dots_dashes_and_underscores_of_ascii_and_nothing_else() {
    let legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    assert_eq!(verdict::<RequestId>(legal), Verdict::Legal);
    for byte in 0..=u8::MAX {
        let c = char::from(byte);
        let expected = if legal.contains(c) { Verdict::Legal } else { Verdict::IllegalCharacter };
        for text in [format!("{c}"), format!("{c}x"), format!("x{c}"), format!("x{c}x")] {
            assert_eq!(verdict::<RequestId>(&text), expected, "{text:?}");
        }
    }
    for text in ["é", "二", "١", "a\u{301}", "\u{ff21}", "\u{202e}", "😀"] {
        assert_eq!(verdict::<RequestId>(text), Verdict::IllegalCharacter, "{text:?}");
    }
}

#[test]
fn session_and_user_ids_have_1_to_256_bytes() {
    assert_eq!(verdict_of_identities(""), Verdict::Empty);
    for length in [1, 37, 38, 39, 45, 46, 47, 255, IDENTITY_LIMIT] {
        let text = "x".repeat(length);
        assert_eq!(text.parse::<SessionId>().unwrap().as_str(), text);
        assert_eq!(text.parse::<UserId>().unwrap().as_str(), text);
    }
    for length in [IDENTITY_LIMIT + 1, 300, 100_000] {
        assert_eq!(verdict_of_identities(&"x".repeat(length)), Verdict::TooLong, "{length}");
    }
}

#[test]
fn the_limit_counts_bytes_and_not_characters() {
    for (character, fit) in [("é", 128), ("二", 85), ("😀", 64)] {
        assert_eq!(verdict_of_identities(&character.repeat(fit)), Verdict::Legal);
        assert_eq!(verdict_of_identities(&character.repeat(fit + 1)), Verdict::TooLong);
    }
    let exactly = format!("{}x", "二".repeat(85));
    assert_eq!(exactly.len(), IDENTITY_LIMIT);
    assert_eq!(exactly.parse::<UserId>().unwrap().as_str(), exactly);
    assert_eq!(verdict_of_identities(&format!("{exactly}x")), Verdict::TooLong);
}

#[test]
fn session_and_user_ids_have_any_character_but_controls() {
    for text in [
        "ada@example.org",
        "a b",
        "\"{}\\",
        "Ünïcödé 二",
        "<script>",
        "😀",
        "' or 1=1",
        "\u{a0}§¿",
        "\u{c2}",
    ] {
        assert_eq!(verdict_of_identities(text), Verdict::Legal, "{text:?}");
    }
    let controls = (0..=0x1f).chain(0x7f..=0x9f).map(|code| char::from_u32(code).unwrap());
    for control in controls {
        for text in [format!("{control}"), format!("x{control}"), format!("é{control}x")] {
            assert_eq!(verdict_of_identities(&text), Verdict::IllegalCharacter, "{text:?}");
        }
    }
}

#[test]
fn a_line_break_or_an_escape_sequence_cannot_come_in_by_an_id() {
    for text in ["ada\nadmin", "ada\r\n", "\u{1b}[2K", "ada\0", "ada\u{85}", "ada\u{9b}31m"] {
        assert_eq!(verdict_of_identities(text), Verdict::IllegalCharacter, "{text:?}");
        assert_eq!(verdict::<RequestId>(text), Verdict::IllegalCharacter, "{text:?}");
    }
}

#[test]
fn every_way_in_has_the_same_rules() {
    macro_rules! same_rules {
        ($id:ident) => {
            assert!($id::try_from("good").is_ok());
            assert!($id::try_from(String::from("good")).is_ok());
            assert!("good".parse::<$id>().is_ok());
            assert!($id::try_from("").unwrap_err().is_empty());
            assert!($id::try_from(String::new()).unwrap_err().is_empty());
            assert!($id::try_from("\n").unwrap_err().is_illegal_character());
            assert!($id::try_from("x".repeat(257)).unwrap_err().is_too_long());
        };
    }
    same_rules!(RequestId);
    same_rules!(SessionId);
    same_rules!(UserId);
}

#[test]
fn the_error_names_the_id_and_the_fault_and_the_limit() {
    let text = |error: InvalidId| error.to_string();
    let long = "x".repeat(300);
    assert_eq!(text("".parse::<RequestId>().unwrap_err()), "a request ID may not be empty");
    assert_eq!(
        text(long.parse::<RequestId>().unwrap_err()),
        "a request ID may have 128 bytes at most, this one has 300"
    );
    assert_eq!(
        text(long.parse::<SessionId>().unwrap_err()),
        "a session ID may have 256 bytes at most, this one has 300"
    );
    assert_eq!(
        text("é\n".parse::<UserId>().unwrap_err()),
        "a user ID may not hold the character at byte 2"
    );
}

#[test]
fn the_error_never_holds_the_text_it_was_about() {
    let secret = "hunter2 hunter2";
    let errors = [
        secret.parse::<RequestId>().unwrap_err(),
        format!("{secret}\n").parse::<SessionId>().unwrap_err(),
        secret.repeat(30).parse::<UserId>().unwrap_err(),
    ];
    for error in errors {
        for text in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!text.contains("hunter2"), "{text}");
            assert!(!text.contains('\n') || text.starts_with("InvalidId"), "{text}");
        }
        assert!(error.source().is_none());
        assert_eq!(error, error.clone());
    }
}
