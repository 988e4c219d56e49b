//! What canaries look like, and where they are legal.

use super::KINDS;
use super::canaries;
use request_context::testing::canary::Canaries;
use request_context::testing::canary::CanaryFields;
use request_context::testing::canary::CanaryKind;
use std::collections::HashSet;
use std::net::Ipv6Addr;
use uuid::Uuid;

#[test]
fn a_canary_follows_from_seed_session_and_field_alone() {
    let (one, other) = (canaries(1), canaries(1));
    for (field, _) in KINDS {
        let _ = other.plant(9, field);
    }
    for (field, _) in KINDS {
        assert_eq!(one.plant(3, field), other.plant(3, field), "{field}");
        assert_ne!(one.plant(3, field), one.plant(4, field), "{field}");
        assert_ne!(one.plant(3, field), canaries(2).plant(3, field), "{field}");
    }
    assert_ne!(one.plant(3, "note"), one.plant(3, "title"));
}

#[test]
fn the_canaries_of_a_seed_are_the_same_in_every_release() {
    let canaries = canaries(7);
    let planted: Vec<_> = KINDS.iter().map(|(field, _)| canaries.plant(1, field)).collect();
    assert_eq!(planted, EXPECTED);
}

const EXPECTED: [&str; 6] = [
    "zqcc6g2jh612szb85hxbdfess95dvsqz",
    "zq4g41scrhrx9p09etmj46mjbcs1egqz@canary.example",
    "c5a78886-892b-84bb-bb8d-0c7662cfa143",
    "7117167746978411",
    "2001:db8:41fb:2b87:5fe1:73ab:3c5e:8199",
    "1085-09-10",
];

#[test]
fn each_kind_has_the_type_that_it_stands_for() {
    for session in 0..200 {
        let canaries = canaries(session as u64);
        let plant = |field| canaries.plant(session, field);

        let (local, domain) = plant("email").split_once('@').map(own).unwrap();
        assert!(local.len() <= 64 && local.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(domain, "canary.example");

        let order: Uuid = plant("order").parse().unwrap();
        assert_eq!(order.get_version_num(), 8);
        assert_eq!(order.get_variant(), uuid::Variant::RFC4122);

        let account: i64 = plant("account").parse().unwrap();
        assert_eq!(account as f64 as i64, account);
        assert!(account < 1 << 53);

        let peer: Ipv6Addr = plant("peer").parse().unwrap();
        assert_eq!(peer.to_string(), plant("peer"));
        assert_eq!(peer.segments()[..2], [0x2001, 0xdb8]);
    }
}

#[test]
fn a_token_is_the_same_in_json_html_a_url_a_header_and_csv() {
    let token = canaries(1).plant(0, "note");
    assert!(token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    assert!(!token.starts_with(|first: char| first.is_ascii_digit()));
    assert_eq!(serde_json::to_string(&token).unwrap(), format!("\"{token}\""));
    assert_eq!(http::HeaderValue::from_str(&token).unwrap(), token);
    let uri: http::Uri = format!("http://a.example/{token}?{token}").parse().unwrap();
    assert_eq!((uri.path().trim_start_matches('/'), uri.query().unwrap()), (&*token, &*token));
}

#[test]
fn a_kind_has_as_many_bits_as_it_says() {
    // What varies in the text, counted: letters of five bits, digits of a UUID but for its marker,
    // version and variant, groups of an address that have four digits, decimal digits, days.
    let bits = |values: f64, count: f64| (values.log2() * count) as u32;
    assert_eq!(CanaryKind::Token.bits(), bits(32.0, 24.0));
    assert_eq!(CanaryKind::Email.bits(), bits(32.0, 24.0));
    assert_eq!(CanaryKind::Uuid.bits(), 128 - 16 - 4 - 2);
    assert_eq!(CanaryKind::Ip.bits(), bits(f64::from(0xffff - 0xfff), 6.0));
    assert_eq!(CanaryKind::Integer.bits(), bits(10.0, 14.0));
    assert_eq!(CanaryKind::Date.bits(), bits(36_524.0, 1.0));
}

#[test]
fn every_bit_of_a_token_varies() {
    let tokens: Vec<_> = (0..2000).map(|session| canaries(1).plant(session, "note")).collect();
    for place in 2..26 {
        let letters: HashSet<_> = tokens.iter().map(|token| token.as_bytes()[place]).collect();
        assert_eq!(letters.len(), 32, "{place}");
    }
}

#[test]
fn dates_are_days_and_no_two_sessions_have_the_same() {
    let fields = CanaryFields::new()
        .with("born", CanaryKind::Date)
        .with("email", CanaryKind::Email)
        .with("joined", CanaryKind::Date);
    let canaries = Canaries::new(3, fields);
    let mut dates = HashSet::new();
    for session in 0..18_262 {
        for field in ["born", "joined"] {
            let date = canaries.plant(session, field);
            let parts: Vec<u32> = date.split('-').map(|part| part.parse().unwrap()).collect();
            let [year, month, day] = parts[..] else { panic!("{date}") };
            assert!((1000..1100).contains(&year) && (1..=12).contains(&month), "{date}");
            let last = match month {
                2 if year % 4 == 0 && year != 1000 => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            assert!((1..=last).contains(&day), "{date}");
            assert!(dates.insert(date));
        }
    }
    assert_eq!((dates.len(), canaries.ambiguous()), (36_524, 0));
}

#[test]
fn a_date_that_two_sessions_have_is_nobodys_and_counted() {
    let canaries = Canaries::new(3, CanaryFields::new().with("born", CanaryKind::Date));
    let date = canaries.plant(0, "born");
    assert_eq!(canaries.find(date.as_bytes()).len(), 1);
    assert_eq!(canaries.plant(36_524, "born"), date);
    assert_eq!(canaries.find(date.as_bytes()), []);
    assert_eq!(canaries.ambiguous(), 2);
}

fn own((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}
