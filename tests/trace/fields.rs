//! Which IDs are written, and how.

use crate::support::ada;
use crate::support::logged_by;
use request_context::LogFields;
use request_context::LogLayer;
use serde_json::Value;
use serde_json::json;
use tracing::info;

fn line_with(fields: LogFields) -> Value {
    logged_by(LogLayer::json().with_fields(fields), || ada().sync_scope(|| info!("x"))).only()
}

#[test]
fn each_id_can_be_left_out() {
    let line = line_with(LogFields::all().without_request_id());
    assert_eq!((&line["request.id"], &line["session.id"]), (&json!(null), &json!("s-1")));
    let line = line_with(LogFields::all().without_session_id());
    assert_eq!((&line["session.id"], &line["user.id"]), (&json!(null), &json!("ada")));
    let line = line_with(LogFields::default().without_user_id());
    assert_eq!((&line["user.id"], &line["request.id"]), (&json!(null), &json!("r-1")));
}

#[test]
fn a_hashed_user_id_is_the_truncated_hmac_of_the_user() {
    let line = line_with(LogFields::all().hashing_user_id(&[7; 32]));
    // printf ada | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
    assert_eq!(line["user.id"], "hmac-sha256:cf2f093f9c4c3f3969cc06a6934eecd4");
    assert_eq!(line["session.id"], "s-1");
}

#[test]
fn two_keys_in_two_layers_make_two_digests_of_one_user() {
    let a = LogFields::all().hashing_user_id(&[1; 32]);
    let b = LogFields::all().hashing_user_id(&[2; 32]);
    let context = ada();
    let log = |fields: &LogFields| {
        let layer = LogLayer::json().with_fields(fields.clone());
        logged_by(layer, || context.clone().sync_scope(|| info!("x"))).only()["user.id"].clone()
    };
    let (first, second) = (log(&a), log(&b));
    assert_ne!(first, second);
    assert_eq!((log(&a), log(&b)), (first, second));
}

#[test]
fn a_derived_context_shows_the_digest_of_its_own_user() {
    let fields = LogFields::all().hashing_user_id(&[7; 32]);
    let lines = logged_by(LogLayer::json().with_fields(fields), || {
        let ada = ada();
        ada.clone().sync_scope(|| info!("x"));
        let ben = ada.to_builder().user("ben".parse().unwrap()).build();
        ben.sync_scope(|| info!("x"));
    })
    .all();
    assert_ne!(lines[0]["user.id"], lines[1]["user.id"]);
}

#[test]
fn a_hashed_user_id_is_nowhere_in_clear_also_not_on_the_span_of_the_request() {
    let fields = LogFields::all().hashing_user_id(&[7; 32]);
    let lines = logged_by(LogLayer::json().with_fields(fields), || {
        let span = ada().span();
        ada().record_on(&span);
        ada().sync_scope(|| span.in_scope(|| info!("x")));
    });
    assert!(!lines.text().contains("ada"), "{}", lines.text());
    assert_eq!(lines.only()["spans"], json!([{"name": "request", "fields": {}}]));
}

#[test]
fn the_key_is_not_printed() {
    let fields = LogFields::all().hashing_user_id(&[0xAB; 32]);
    let printed = format!("{fields:?} {:?}", LogLayer::json().with_fields(fields.clone()));
    assert!(printed.contains("UserDigest"), "{printed}");
    assert!(!printed.contains("171") && !printed.to_lowercase().contains("abab"), "{printed}");
}
