//! Each variant of each kind, in any surroundings, is found and has the right owner; nothing else is.

use super::KINDS;
use super::canaries;
use base64ct::Base64Unpadded;
use base64ct::Base64UrlUnpadded;
use base64ct::Encoding;
use proptest::collection::vec;
use proptest::prelude::*;
use request_context::testing::canary::CanaryStream;
use request_context::testing::canary::Variant;

/// How the text of a canary may be written, with `before` and `after` encoded along with it where
/// a whole value is.
#[derive(Debug, Clone, Copy)]
enum Way {
    AsIs,
    Upper,
    Reversed,
    Hex,
    UpperHex,
    Percent,
    List,
    Json,
    Base64,
    UrlSafe,
    UpperBase64,
}

const WAYS: [Way; 11] = [
    Way::AsIs,
    Way::Upper,
    Way::Reversed,
    Way::Hex,
    Way::UpperHex,
    Way::Percent,
    Way::List,
    Way::Json,
    Way::Base64,
    Way::UrlSafe,
    Way::UpperBase64,
];

impl Way {
    fn write(self, canary: &str, before: &[u8], after: &[u8]) -> String {
        let each = |write: fn(u8) -> String| canary.bytes().map(write).collect::<String>();
        let whole = |canary: &str| [before, canary.as_bytes(), after].concat();
        match self {
            Self::AsIs => canary.to_owned(),
            Self::Upper => canary.to_uppercase(),
            Self::Reversed => canary.chars().rev().collect(),
            Self::Hex => each(|byte| format!("{byte:02x}")),
            Self::UpperHex => each(|byte| format!("{byte:02X}")),
            Self::Percent => each(|byte| format!("%{byte:02X}")),
            Self::List => format!("{:?}", whole(canary)),
            Self::Json => serde_json::to_string(&whole(canary)).unwrap(),
            Self::Base64 => Base64Unpadded::encode_string(&whole(canary)),
            Self::UrlSafe => Base64UrlUnpadded::encode_string(&whole(canary)),
            Self::UpperBase64 => Base64Unpadded::encode_string(&whole(&canary.to_uppercase())),
        }
    }

    const fn variant(self) -> Variant {
        match self {
            Self::AsIs => Variant::AsIs,
            Self::Upper => Variant::OtherCase,
            Self::Reversed => Variant::Reversed,
            Self::Hex | Self::UpperHex => Variant::Hex,
            Self::Percent => Variant::Percent,
            Self::List | Self::Json => Variant::ByteList,
            Self::Base64 | Self::UrlSafe | Self::UpperBase64 => Variant::Base64,
        }
    }
}

/// Bytes that no number can go on with.
fn around() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_filter("a border", |byte| !byte.is_ascii_digit()), 0..12)
}

/// Surroundings: any bytes, text full of what canaries begin with, or a page; then a byte at the
/// border that cannot belong to what is beside it.
fn surroundings() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..300),
        "([zq]{1,3}|c5a7|2001:db8:|71|10|en|px|6c|7a71|122,113|Nz|MT){0,60}"
            .prop_map(String::into_bytes),
        r#"(<p class="\PC{0,20}">|[a-z0-9]{0,40}|\{"[a-z]{1,5}":[0-9]{1,18}\}){0,9}"#
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn each_variant_is_found_in_any_surroundings_and_has_its_owner(
        seed in any::<u64>(),
        session in 0_usize..50,
        field in 0..KINDS.len(),
        way in 0..WAYS.len(),
        (before, after) in (surroundings(), surroundings()),
        (inner_before, inner_after) in (around(), around()),
        pieces in vec(1_usize..200, 1..6),
    ) {
        let (canaries, way) = (canaries(seed), WAYS[way]);
        for session in 0..12 {
            for (field, _) in KINDS {
                let _ = canaries.plant(session, field);
            }
        }
        let canary = canaries.plant(session, KINDS[field].0);
        // A domain in upper case is no part of what is found, and digits have no case.
        let has_case = canary.bytes().any(|byte| byte.is_ascii_lowercase());
        let variant = match way.variant() {
            Variant::OtherCase if !has_case => Variant::AsIs,
            variant => variant,
        };
        let written = way.write(&canary, &inner_before, &inner_after);
        let text = [&before, b" ".as_slice(), written.as_bytes(), b" ", &after].concat();

        let found = canaries.find(&text);
        let owner = |found: &_| {
            let found: &request_context::testing::canary::CanaryMatch = found;
            (found.session(), found.field().map(str::to_owned), found.variant())
        };
        let right = (Some(session), Some(KINDS[field].0.to_owned()), variant);
        prop_assert!(found.iter().any(|found| owner(found) == right && found.is_whole()), "{found:#?}");
        for found in &found {
            prop_assert_eq!((found.session(), found.field()), (Some(session), Some(KINDS[field].0)));
        }

        let mut stream = CanaryStream::new();
        let mut streamed = Vec::new();
        let mut rest = text.as_slice();
        for piece in pieces.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*piece));
            streamed.extend(stream.feed(&canaries, piece));
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        streamed.extend(stream.finish(&canaries));
        prop_assert_eq!(streamed, found);
    }

    #[test]
    fn nothing_is_anybodys_in_text_without_a_canary(
        seed in any::<u64>(),
        text in vec(surroundings(), 0..8),
        others in vec((0_usize..50, 0..KINDS.len(), 0..WAYS.len()), 0..8),
    ) {
        let (planted, other) = (canaries(seed), canaries(seed ^ 1));
        for session in 0..12 {
            // Twelve of 36,524 days: two seeds may well have the same.
            for (field, _) in KINDS.into_iter().filter(|(field, _)| *field != "born") {
                let _ = planted.plant(session, field);
            }
        }
        // The canaries of another seed are text like any other.
        let others = others.iter().map(|(session, field, way)| {
            let canary = other.plant(*session, KINDS[*field].0);
            WAYS[*way].write(&canary, b"", b"").into_bytes()
        });
        let text: Vec<_> = text.into_iter().chain(others).collect();
        for text in [text.concat(), text.join(b" ".as_slice())] {
            prop_assert!(planted.find(&text).iter().all(|found| found.session().is_none()));
        }
    }

    #[test]
    fn what_is_hostile_costs_no_panic(text in vec(any::<u8>(), 0..2000), marks in vec(0_usize..2000, 0..40)) {
        let canaries = canaries(0);
        for (field, _) in KINDS {
            let _ = canaries.plant(0, field);
        }
        let heads: [&[u8]; 9] =
            [b"zq", b"qz", b"c5a7", b"2001:db8:", b"7a71", b"%7a%71", b"122,113", b"en", b"8bd:1002"];
        let mut text = text;
        for (number, mark) in marks.iter().enumerate() {
            let head = heads[number % heads.len()];
            let at = (*mark).min(text.len());
            text.splice(at..at, head.iter().copied());
        }
        let _ = canaries.find(&text);
    }
}
