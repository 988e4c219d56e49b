//! The secret of a session.

use request_context::session::SessionToken;
use std::collections::HashSet;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn text_of(token: &SessionToken) -> String {
    token.reveal(str::to_owned)
}

#[test]
fn its_text_is_43_characters_that_need_no_escape_anywhere() {
    for _ in 0..100 {
        let text = text_of(&SessionToken::new().unwrap());
        assert_eq!(text.len(), SessionToken::TEXT_BYTES);
        assert!(text.chars().all(|c| ALPHABET.contains(c)), "{text}");
    }
}

#[test]
fn no_two_are_the_same() {
    let texts: HashSet<_> = (0..10_000).map(|_| text_of(&SessionToken::new().unwrap())).collect();
    assert_eq!(texts.len(), 10_000);
}

#[test]
fn every_bit_of_it_is_random() {
    let alphabet = |c| ALPHABET.find(c).unwrap();
    let mut ones = [0_u32; 256];
    for _ in 0..1000 {
        let text = text_of(&SessionToken::new().unwrap());
        let bits = text.chars().flat_map(|c| (0..6).rev().map(move |bit| alphabet(c) >> bit & 1));
        ones.iter_mut().zip(bits).for_each(|(ones, bit)| *ones += bit as u32);
    }
    // Twelve standard deviations about the middle.
    assert!(ones.iter().all(|ones| (310..690).contains(ones)), "{ones:?}");
}

#[test]
fn it_is_read_back_from_its_text() {
    let token = SessionToken::new().unwrap();
    let read = SessionToken::parse(&text_of(&token)).unwrap();
    assert!(read == token);
    assert_eq!(read.session_id(), token.session_id());
    assert!(read != SessionToken::new().unwrap());
}

#[test]
fn a_text_that_is_not_exactly_one_is_refused_and_not_shown() {
    let text = text_of(&SessionToken::new().unwrap());
    let not_canonical = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB";
    assert_eq!(not_canonical.len(), SessionToken::TEXT_BYTES);
    for wrong in [
        "",
        "x",
        &text[1..],
        &format!("{text}A"),
        &format!("{text}="),
        &format!(" {}", &text[1..]),
        &format!("{}\n", &text[1..]),
        &format!("+{}", &text[1..]),
        &format!("/{}", &text[1..]),
        &format!("\u{e9}{}", &text[2..]),
        not_canonical,
        &"A".repeat(1 << 20),
    ] {
        let error = SessionToken::parse(wrong).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(wrong.len() < 20 || !shown.contains(&wrong[..20]), "{shown}");
    }
    SessionToken::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
}

#[test]
fn debug_shows_nothing_of_it() {
    assert_eq!(format!("{:?}", SessionToken::new().unwrap()), "SessionToken(..)");
}

#[test]
fn the_session_id_is_its_hash_and_stays_what_it_is() {
    // printf 'request-context session token v1\0' and 32 zero bytes, through sha256sum.
    let zeros = SessionToken::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert_eq!(zeros.session_id().as_str(), "--cNL4jmWj9Fy3E-LLL3EqFBfB2la5bIy7Za1vvB5b8");
    let token = SessionToken::new().unwrap();
    let id = token.session_id();
    assert_eq!(id.as_str().len(), 43);
    assert!(!text_of(&token).contains(&id.as_str()[..8]));
    assert_ne!(id, SessionToken::new().unwrap().session_id());
}
