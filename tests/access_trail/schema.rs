//! What the encodings write fits the schemas as they are published.

use crate::golden::lines;
use request_context::access;
use request_context::access::Action;
use request_context::access::Outcome;
use request_context::access::trail::Encoding;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// An attribute of a class or an object.
struct Attribute {
    is_required: bool,
    is_one_of: bool,
    is_array: bool,
    object: Option<&'static str>,
}

type Attributes = BTreeMap<&'static str, Attribute>;

/// What is published, by class and object.
struct Ocsf(BTreeMap<&'static str, Attributes>);

impl Ocsf {
    fn published() -> Self {
        let text = include_str!("schema/ocsf.txt");
        let mut all = BTreeMap::<_, Attributes>::new();
        let mut name = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let attributes = match line.split_once(" =") {
                Some((begun, rest)) => {
                    name = begun;
                    rest
                }
                None => line,
            };
            for word in attributes.split_whitespace() {
                let (word, object) = match word.split_once(':') {
                    Some((word, object)) => (word, Some(object)),
                    None => (word, None),
                };
                let attribute = word.trim_end_matches(['!', '?', '[', ']']);
                let marks = &word[attribute.len()..];
                let is = |mark| marks.contains(mark);
                let read = Attribute {
                    is_required: is("!"),
                    is_one_of: is("?"),
                    is_array: is("[]"),
                    object,
                };
                all.entry(name).or_default().insert(attribute, read);
            }
        }
        Self(all)
    }

    fn faults(&self, name: &str, given: &Map<String, Value>, faults: &mut Vec<String>) {
        let attributes = &self.0[name];
        for (attribute, value) in given {
            let Some(known) = attributes.get(&**attribute) else {
                faults.push(format!("{name} has no {attribute}"));
                continue;
            };
            if value.is_array() != known.is_array {
                faults.push(format!("{attribute} of {name} is an array, or should be one"));
            }
            match (known.object, value.as_object()) {
                (Some(object), Some(members)) => self.faults(object, members, faults),
                (None, Some(_)) if attribute == "unmapped" => {}
                (None, None) => {}
                _ => faults.push(format!("{attribute} of {name} is an object, or should be one")),
            }
        }
        for (attribute, known) in attributes {
            if known.is_required && !given.contains_key(*attribute) {
                faults.push(format!("{name} needs {attribute}"));
            }
        }
        let mut one_of = attributes.iter().filter(|(_, known)| known.is_one_of).peekable();
        if one_of.peek().is_some() && !one_of.any(|(attribute, _)| given.contains_key(*attribute)) {
            faults.push(format!("{name} needs one of several, and has none"));
        }
    }
}

/// The lines of the golden file, which the encoder is compared with to the letter.
fn golden(text: &'static str) -> impl Iterator<Item = Value> {
    // What differs from one trail to the next is left out there.
    text.lines().map(|line| {
        let line = line.replace(",…", "").replace("\"line\":N", "\"line\":1");
        serde_json::from_str(&line).unwrap()
    })
}

#[test]
fn each_record_in_ocsf_is_of_its_class_with_no_attribute_unknown_or_missing() {
    let schema = Ocsf::published();
    let mut classes = Vec::new();
    for record in golden(include_str!("golden/ocsf.txt")) {
        let number = |name: &str| record[name].as_u64().unwrap();
        let class = match number("class_uid") {
            3003 => "authorize_session",
            6002 => "application_lifecycle",
            6005 => "datastore_activity",
            other => panic!("no such class: {other}"),
        };
        assert_eq!(number("category_uid"), number("class_uid") / 1000);
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        let mut faults = Vec::new();
        schema.faults(class, record.as_object().unwrap(), &mut faults);
        assert!(faults.is_empty(), "{faults:?} in {record}");
        classes.push(class);
    }
    for class in ["authorize_session", "application_lifecycle", "datastore_activity"] {
        assert!(classes.contains(&class), "{class} is not in the golden file");
    }
}

#[test]
fn the_schema_finds_what_is_unknown_missing_or_of_another_shape() {
    let schema = Ocsf::published();
    let record = golden(include_str!("golden/ocsf.txt")).nth(1).unwrap();
    let faults = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut record = record.as_object().unwrap().clone();
        change(&mut record);
        let mut faults = Vec::new();
        schema.faults("datastore_activity", &record, &mut faults);
        faults
    };
    assert!(faults(&|_| {}).is_empty());
    assert_eq!(faults(&|r| drop(r.insert("who".into(), 1.into()))).len(), 1);
    assert_eq!(faults(&|r| drop(r.remove("actor"))).len(), 1);
    assert_eq!(faults(&|r| drop(r.remove("databucket"))).len(), 1);
    assert_eq!(faults(&|r| drop(r.insert("actor".into(), "ada".into()))).len(), 1);
    assert_eq!(faults(&|r| drop(r["actor"]["user"]["uid"].take())).len(), 0);
    assert_eq!(
        faults(&|r| drop(r["actor"]["user"].as_object_mut().unwrap().remove("uid"))).len(),
        1
    );
}

/// The fields of the Elastic Common Schema 9.0.0 (elastic/ecs v9.0.0, `generated/csv/fields.csv`) that
/// the trail uses, and which JSON each takes; it has no field set `trail`.
const ECS: &[(&str, &str)] = &[
    ("@timestamp", "date"),
    ("ecs.version", "keyword"),
    ("event.kind", "keyword"),
    ("event.dataset", "keyword"),
    ("event.category", "keywords"),
    ("event.type", "keywords"),
    ("event.action", "keyword"),
    ("event.outcome", "keyword"),
    ("event.reason", "keyword"),
    ("user.id", "keyword"),
    ("organization.id", "keyword"),
    ("http.request.id", "keyword"),
    ("trace.id", "keyword"),
    ("service.name", "keyword"),
    ("service.node.name", "keyword"),
    ("log.origin.file.name", "keyword"),
    ("log.origin.file.line", "long"),
];

/// What the schema allows those fields to say that may not say anything else.
const ECS_VALUES: &[(&str, &[&str])] = &[
    ("event.kind", &["event"]),
    ("event.category", &["database", "iam", "process"]),
    ("event.type", &["access", "change", "error", "info"]),
    ("event.outcome", &["success", "failure"]),
];

/// Which types the schema expects with each of those categories (elastic/ecs v9.0.0,
/// `schemas/event.yml`, `expected_event_types`).
const ECS_PAIRS: &[(&str, &[&str])] = &[
    ("database", &["access", "change", "info", "error"]),
    ("iam", &["admin", "change", "creation", "deletion", "group", "info", "user"]),
    ("process", &["access", "change", "end", "info", "start"]),
];

#[test]
fn each_record_in_ecs_is_of_a_type_that_the_schema_expects_with_its_category() {
    let actions = [
        (Action::Read, "access"),
        (Action::Query, "access"),
        (Action::List, "access"),
        (Action::Create, "change"),
        (Action::Write, "change"),
        (Action::Update, "change"),
        (Action::Delete, "change"),
        (Action::Other("prescribe"), "access"),
    ];
    for (action, kind) in actions {
        for outcome in [Outcome::Allowed, Outcome::Denied, Outcome::Error, Outcome::BreakGlass] {
            let lines = lines(
                Encoding::Ecs,
                &[
                    &|chart| access::record(action, chart).outcome(outcome),
                    &|chart| access::decision(outcome, action, chart),
                    &|chart| access::break_glass(action, chart, "an emergency").outcome(outcome),
                ],
            );
            for (nth, line) in lines.iter().enumerate() {
                let record: Value = serde_json::from_str(&line.replace(",…", "")).unwrap();
                let said = |name: &str| -> Vec<_> {
                    let words = record["event"][name].as_array().unwrap().iter();
                    words.map(|word| word.as_str().unwrap().to_owned()).collect()
                };
                let (category, types) = (said("category"), said("type"));
                let (_, expected) =
                    ECS_PAIRS.iter().find(|(known, _)| [*known] == *category).unwrap();
                let all_fit = types.iter().all(|word| expected.contains(&&**word));
                assert!(all_fit && !types.is_empty(), "{category:?}: {types:?}");
                let failed = record["event"]["outcome"] == "failure";
                assert_eq!(
                    failed,
                    matches!(outcome, Outcome::Denied | Outcome::Error) && category != ["process"]
                );
                if category == ["database"] {
                    assert_eq!(types[0], kind, "{action}");
                    assert_eq!(types.contains(&"error".to_owned()), outcome == Outcome::Error);
                }
                assert_eq!(category == ["iam"], nth == 2);
            }
        }
    }
}

fn fields(prefix: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if prefix != "trail" => {
            for (name, value) in members {
                let dot = if prefix.is_empty() { "" } else { "." };
                fields(&format!("{prefix}{dot}{name}"), value, out);
            }
        }
        _ => out.push((prefix.to_owned(), value.clone())),
    }
}

#[test]
fn each_record_in_ecs_has_fields_of_the_schema_alone_beside_those_of_the_trail() {
    for record in golden(include_str!("golden/ecs.txt")) {
        let mut all = Vec::new();
        fields("", &record, &mut all);
        assert_eq!(all.iter().filter(|(name, _)| name == "trail").count(), 1, "{record}");
        for (name, value) in all.iter().filter(|(name, _)| name != "trail") {
            let known = ECS.iter().find(|(known, _)| known == name);
            let fits = match known.unwrap_or_else(|| panic!("{name} is no field")).1 {
                "keyword" => value.is_string(),
                "keywords" => value.is_array(),
                "long" => value.is_u64(),
                _ => value.as_str().is_some_and(|time| time.ends_with('Z')),
            };
            assert!(fits, "{name}: {value}");
            if let Some((_, allowed)) = ECS_VALUES.iter().find(|(known, _)| known == name) {
                let said = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                for value in said {
                    assert!(allowed.contains(&value.as_str().unwrap()), "{name}: {value}");
                }
            }
        }
        for needed in ["@timestamp", "ecs.version"] {
            assert!(all.iter().any(|(name, _)| name == needed), "{needed} is missing: {record}");
        }
    }
}
