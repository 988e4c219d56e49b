//! The secret of a session.

use base64ct::Base64UrlUnpadded;
use base64ct::Encoding;
use request_context::session::SessionToken;
use std::collections::HashSet;
use std::fmt::Display;

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

/// Two implementations apply to what can be shown, so naming none of them does not compile.
trait AmbiguousIfShown<A> {
    const IS_NOT: () = ();
}
impl<T> AmbiguousIfShown<()> for T {}
impl<T: Display> AmbiguousIfShown<u8> for T {}
impl<T: serde::Serialize> AmbiguousIfShown<u16> for T {}
impl<T: AsRef<[u8]>> AmbiguousIfShown<u32> for T {}

#[test]
fn it_has_neither_display_nor_a_serialised_form_nor_bytes() {
    let () = <SessionToken as AmbiguousIfShown<_>>::IS_NOT;
}

/// What this process may write, to be looked through without asking for any more memory: that might be
/// what was just given back.
#[cfg(target_os = "linux")]
struct Memory {
    file: std::fs::File,
    maps: String,
    page: Vec<u8>,
}

#[cfg(target_os = "linux")]
impl Memory {
    fn new() -> Self {
        let file = std::fs::File::open("/proc/self/mem").unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        Self { file, maps, page: vec![0; 1 << 16] }
    }

    /// How often a secret is there. Told by its complement, which is not the secret itself.
    fn count(&mut self, complement: &[u8]) -> usize {
        let is_it = |bytes: &[u8]| bytes.iter().zip(complement).all(|(byte, not)| *byte == !not);
        let mut count = 0;
        for map in self.maps.lines().filter(|map| map.contains(" rw")) {
            let range = map.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
            let number = |text| u64::from_str_radix(text, 16).unwrap();
            let (mut at, end) = (number(range.0), number(range.1));
            while at < end {
                let page = &mut self.page[..(end - at).min(1 << 16) as usize];
                // What other tests have given back meanwhile is not there.
                if std::os::unix::fs::FileExt::read_exact_at(&self.file, page, at).is_ok() {
                    count += page.windows(complement.len()).filter(|it| is_it(it)).count();
                }
                page.fill(0);
                // A secret may stand at the seam.
                let seam = if page.len() == 1 << 16 { complement.len() - 1 } else { 0 };
                at += (page.len() - seam) as u64;
            }
        }
        count
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_of_it_is_left_in_memory_when_it_is_dropped() {
    let token = SessionToken::new().unwrap();
    let mut memory = Memory::new();
    let mut raw = [0; 32];
    token.reveal(|text| assert!(Base64UrlUnpadded::decode(text, &mut raw).is_ok()));
    raw.iter_mut().for_each(|byte| *byte = !*byte);
    // Of what is given back the allocator itself overwrites the first 16 bytes, and the hash takes the
    // last one apart from the others.
    let not_it = &raw[16..31];
    assert!(memory.count(not_it) > 0, "it is found while it is there");
    let id = token.session_id();
    drop(token);
    assert_eq!(memory.count(not_it), 0, "{id}");
}
