//! Sealed values that go through a cache, and come back.

use crate::support::of_tenant;
use crate::support::request;
use request_context::owner::Owned;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Report {
    year: u32,
    finding: String,
}

fn report() -> Report {
    Report { year: 2025, finding: "blood group A".to_owned() }
}

#[test]
fn the_serialised_form_is_the_owner_and_the_value() {
    let ada = of_tenant("acme", &request("ada", "a1"));
    let form = ada.sync_scope(|| serde_json::to_string(&Owned::new(report())).unwrap());
    let expected = concat!(
        r#"{"tenant":"acme","user":"ada","session":"a1","#,
        r#""value":{"year":2025,"finding":"blood group A"}}"#
    );
    assert_eq!(form, expected);
    let form =
        request("ada", "a1").sync_scope(|| serde_json::to_value(Owned::for_user(1)).unwrap());
    assert_eq!(form, json!({ "tenant": null, "user": "ada", "session": null, "value": 1 }));
}

#[test]
fn replies_that_were_swapped_stay_shut() {
    let (ada, bob) = (request("ada", "a1"), request("bob", "b7"));
    let cache = |context: &request_context::RequestContext| {
        context.clone().sync_scope(|| serde_json::to_vec(&Owned::new(report())).unwrap())
    };
    let (for_ada, for_bob) = (cache(&ada), cache(&bob));
    let open =
        |reply: &[u8]| serde_json::from_slice::<Owned<Report>>(reply).unwrap().try_into_inner();
    assert_eq!(ada.clone().sync_scope(|| open(&for_ada)), Ok(report()));
    assert!(ada.sync_scope(|| open(&for_bob)).unwrap_err().is_other_owner());
    assert!(bob.sync_scope(|| open(&for_ada)).unwrap_err().is_other_owner());
}

#[test]
fn to_serialise_a_value_is_to_show_it_so_the_seal_is_looked_at() {
    let sealed = request("ada", "a1").sync_scope(|| Owned::new(report()));
    let error = request("bob", "b7").sync_scope(|| serde_json::to_string(&sealed).unwrap_err());
    assert!(error.to_string().contains("belongs to somebody else"), "{error}");
    assert!(!error.to_string().contains("blood"), "{error}");
    assert!(serde_json::to_string(&sealed).is_err(), "outside");
}

#[test]
fn what_comes_back_is_sealed_wherever_it_is_read() {
    let form = request("ada", "a1").sync_scope(|| serde_json::to_string(&Owned::new(1)).unwrap());
    let sealed: Owned<u32> = serde_json::from_str(&form).unwrap();
    assert!(sealed.try_open().unwrap_err().is_outside());
    assert_eq!(request("ada", "a1").sync_scope(|| *sealed.open()), 1);
}

#[test]
fn a_format_without_names_of_fields_has_the_same_four() {
    let sealed: Owned<u32> = serde_json::from_value(json!([null, "ada", null, 1])).unwrap();
    assert_eq!(request("ada", "a1").sync_scope(|| *sealed.open()), 1);
    for short in [json!([]), json!([null, "ada"]), json!([null, "ada", null])] {
        assert!(serde_json::from_value::<Owned<u32>>(short).is_err());
    }
    assert!(serde_json::from_value::<Owned<u32>>(json!([null, "ada", null, 1, 2])).is_err());
}

#[test]
fn a_form_that_is_not_exactly_one_is_refused_without_showing_it() {
    let long = "x".repeat(1000);
    for forged in [
        r#"{}"#.to_owned(),
        r#""secret""#.to_owned(),
        r#"{"user":"ada","session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"user":"ada","value":1}"#.to_owned(),
        r#"{"tenant":null,"user":"ada","session":null}"#.to_owned(),
        r#"{"tenant":null,"user":"ada","session":null,"value":1,"secret":1}"#.to_owned(),
        r#"{"tenant":null,"user":"ada","user":"bob","session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"user":"ada","session":null,"value":1,"value":2}"#.to_owned(),
        r#"{"tenant":null,"user":null,"session":null,"value":1}"#.to_owned(),
        r#"{"tenant":"acme","user":null,"session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"user":"","session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"user":"secret\n","session":null,"value":1}"#.to_owned(),
        r#"{"tenant":null,"user":7,"session":null,"value":1}"#.to_owned(),
        format!(r#"{{"tenant":null,"user":"{long}","session":null,"value":1}}"#),
    ] {
        let error = serde_json::from_str::<Owned<u32>>(&forged).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(!error.contains(&long), "{error}");
    }
}

#[test]
fn a_reply_that_is_something_else_is_not_quoted_by_the_error() {
    #[derive(Debug, Deserialize)]
    enum Kind {
        Known,
    }
    let form = |value| json!({ "tenant": null, "user": "ada", "session": null, "value": value });
    for reply in [
        // Of another type than the one asked for.
        form(json!("blood group A")),
        form(json!(4711)),
        form(json!({ "blood group A": 4711 })),
        form(json!([true, "blood group A"])),
        json!([null, "ada", null, "blood group A"]),
        json!([null, "ada", null, 4711]),
        // In the place of an ID, and of the whole.
        json!({ "tenant": null, "user": 4711, "session": null, "value": 1 }),
        json!([4711, "ada", null, 1]),
        json!("blood group A"),
        json!(4711),
        json!({ "blood group A": 4711 }),
        json!(["blood group A", 4711]),
    ] {
        let text = reply.to_string();
        for error in [
            serde_json::from_str::<Owned<Kind>>(&text).unwrap_err(),
            serde_json::from_slice::<Owned<Kind>>(text.as_bytes()).unwrap_err(),
            serde_json::from_value::<Owned<Kind>>(reply).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(!error.contains("blood") && !error.contains("4711"), "{error}");
        }
    }
    let known: Owned<Kind> = serde_json::from_value(form(json!("Known"))).unwrap();
    request("ada", "").sync_scope(|| assert!(matches!(known.open(), Kind::Known)));
}

#[test]
fn a_value_may_borrow_from_what_it_is_read_from() {
    let form = r#"{"tenant":null,"user":"ada","session":null,"value":"borrowed"}"#;
    let sealed: Owned<&str> = serde_json::from_str(form).unwrap();
    assert_eq!(request("ada", "").sync_scope(|| *sealed.open()), "borrowed");
}
