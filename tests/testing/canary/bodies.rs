//! Bodies, without their content codings.

use super::canaries;
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use flate2::write::GzEncoder;
use flate2::write::ZlibEncoder;
use request_context::testing::canary::DecodeError;
use request_context::testing::canary::DecodedBody;
use ruzstd::encoding::CompressionLevel;
use ruzstd::encoding::compress_to_vec;
use std::io::Write;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut encoder = CompressorWriter::new(Vec::new(), 4096, 5, 20);
    encoder.write_all(body).unwrap();
    encoder.into_inner()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    compress_to_vec(body, CompressionLevel::Fastest)
}

type Coding = (&'static str, fn(&[u8]) -> Vec<u8>);

const CODINGS: [Coding; 7] = [
    ("gzip", gzip),
    ("x-gzip", gzip),
    ("deflate", zlib),
    ("deflate", deflate),
    ("br", brotli),
    ("zstd", zstd),
    ("GZip", gzip),
];

#[test]
fn a_canary_is_found_in_each_content_coding() {
    let canaries = canaries(1);
    let page = format!("<p>{}</p>", canaries.plant(0, "note")).repeat(500);
    for (name, encode) in CODINGS {
        let body = encode(page.as_bytes());
        let decoded = DecodedBody::decode(name, &body, DecodedBody::LIMIT);
        assert!(decoded.error().is_none(), "{name}: {:?}", decoded.error());
        assert_eq!(decoded.bytes(), page.as_bytes(), "{name}");
        assert_eq!(canaries.find(decoded.bytes()).len(), 1, "{name}");
    }
}

#[test]
fn codings_are_undone_the_last_first() {
    let body = brotli(&gzip(b"twice"));
    let decoded = DecodedBody::decode("gzip , identity,br", &body, DecodedBody::LIMIT);
    assert_eq!(decoded.bytes(), b"twice");
    assert!(decoded.error().is_none());
}

#[test]
fn several_members_are_one_body() {
    for (name, encode) in CODINGS.into_iter().filter(|(name, _)| matches!(*name, "gzip" | "zstd")) {
        let body = [encode(b"one "), encode(b"other")].concat();
        let decoded = DecodedBody::decode(name, &body, DecodedBody::LIMIT);
        assert_eq!(decoded.bytes(), b"one other", "{name}");
    }
}

#[test]
fn a_bomb_is_decoded_up_to_the_limit_and_said_to_be_too_long() {
    let zeros = vec![0; 4 << 20];
    for (name, encode) in CODINGS {
        let body = encode(&zeros);
        let decoded = DecodedBody::decode(name, &body, 100_000);
        assert_eq!(decoded.bytes().len(), 100_000, "{name}");
        assert!(decoded.error().is_some_and(DecodeError::is_too_long), "{name}");
        let exact = DecodedBody::decode(name, &body, zeros.len());
        assert!(exact.error().is_none(), "{name}");
    }
}

#[test]
fn what_was_decoded_before_a_body_breaks_off_is_searched() {
    let canaries = canaries(1);
    let mut page = canaries.plant(0, "note");
    // More than a buffer of each encoder, and nothing that compresses to less.
    for session in 1..20_000 {
        page.push_str(&canaries.plant(session, "other"));
    }
    for (name, encode) in CODINGS {
        let body = encode(page.as_bytes());
        let half = &body[..body.len() / 2];
        let decoded = DecodedBody::decode(name, half, DecodedBody::LIMIT);
        assert!(decoded.error().is_some_and(DecodeError::is_malformed), "{name}");
        let found = canaries.find(decoded.bytes());
        assert!(found.iter().any(|found| found.field() == Some("note")), "{name}");
    }
}

#[test]
fn an_unknown_coding_is_said_and_a_malformed_body_too() {
    let decoded = DecodedBody::decode("compress", b"x", DecodedBody::LIMIT);
    assert!(decoded.error().is_some_and(DecodeError::is_unknown_coding));
    assert_eq!(decoded.bytes(), b"x");
    for (name, _) in CODINGS {
        let decoded = DecodedBody::decode(name, b"\xff not at all", DecodedBody::LIMIT);
        let error = decoded.error().unwrap_or_else(|| panic!("{name}"));
        assert!(error.is_malformed() && std::error::Error::source(error).is_some(), "{name}");
        let empty = DecodedBody::decode(name, b"", DecodedBody::LIMIT);
        assert!(empty.error().is_none() && empty.bytes().is_empty(), "{name}");
    }
}
