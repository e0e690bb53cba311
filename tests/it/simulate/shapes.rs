//! The shapes in `openapi.yaml` are those of the scenario files that are read and of the answers that are written.

use std::collections::BTreeSet;

use consent_tests::seen;
use serde_json::{Map, Value, json};

use super::{Desk, PUBLIC, stopped};

/// The shapes of a file, and where each stands in it.
const SHAPES: &[(&str, &str)] = &[
    ("ScenarioFile", ""),
    ("Scenario", "/scenarios/0"),
    ("ScenarioQuestion", "/scenarios/0/query"),
    ("Expectation", "/scenarios/0/expect"),
    ("Deadline", "/deadlines/0"),
];

/// A file in which every shape occurs.
fn file() -> Value {
    json!({
        "scenarios": [stopped(&json!({"decision": "deny"}))],
        "deadlines": [{"name": "d", "kind": "dnc_record_keep_until", "received_at": "2026-03-02T00:00:00Z"}],
    })
}

fn shape<'a>(document: &'a Value, name: &str) -> &'a Value {
    &document["components"]["schemas"][name]
}

/// The words of a list.
fn words(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The names of the fields of a value.
fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// The fields of a shape, those that may be there and those that must be, with the fields of its parts.
fn fields(document: &Value, shape: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    if let Some(place) = shape["$ref"].as_str() {
        return fields(document, document.pointer(place.trim_start_matches('#')).unwrap());
    }
    let parts = shape["allOf"].as_array().into_iter().flatten().map(|part| fields(document, part));
    parts.fold((names(&shape["properties"]), words(&shape["required"])), |(may, must), part| {
        (&may | &part.0, &must | &part.1)
    })
}

/// The documented shape of an answer: there must be one, and no second.
pub(super) fn shape_of(answer: &Value) -> String {
    let document = seen::document();
    let fits = |place: &&Value| {
        let (may, must) = fields(&document, place);
        let names = names(answer);
        names.is_subset(&may) && must.is_subset(&names)
    };
    let shapes: Vec<&Value> = shape(&document, "Answered")["oneOf"].as_array().unwrap().iter().filter(fits).collect();
    let [one] = shapes.as_slice() else { panic!("{shapes:?} fit {answer}") };
    one["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[test]
fn every_documented_field_of_a_file_is_read_and_no_other() {
    let (desk, document) = (Desk::new(), seen::document());
    for (name, place) in SHAPES {
        let (documented, required) = fields(&document, shape(&document, name));
        // What comes of it when the fields at this place are changed.
        let said = |change: &dyn Fn(&mut Map<String, Value>)| {
            let mut file = file();
            change(file.pointer_mut(place).unwrap().as_object_mut().unwrap());
            let ended = desk.simulate(&file, &[]);
            format!("{}{}", ended.out, ended.err)
        };
        for field in &documented {
            let with = said(&|fields| {
                fields.entry(field).or_insert(Value::Null);
            });
            assert!(!with.contains("is not a known field"), "{name} {field}: {with}");
            let without = said(&|fields| drop(fields.remove(field)));
            let missing = without.contains(&format!("{place}/{field}\"")) && without.contains("is missing");
            assert_eq!(missing, required.contains(field), "{name} {field}: {without}");
        }
        let other = said(&|fields| drop(fields.insert("colour".to_owned(), json!("red"))));
        let strict = shape(&document, name)["additionalProperties"] == false;
        assert_eq!(other.contains("is not a known field"), strict, "{name}: {other}");
    }
}

#[test]
fn every_field_of_the_public_scenarios_is_documented() {
    let (document, public) = (seen::document(), serde_json::from_str::<Value>(PUBLIC).unwrap());
    let scenarios = public["scenarios"].as_array().unwrap();
    let part = |name: &str| scenarios.iter().map(|scenario| scenario[name].clone()).collect::<Vec<_>>();
    for (name, values) in [
        ("Scenario", scenarios.clone()),
        ("ScenarioQuestion", part("query")),
        ("Expectation", part("expect")),
        ("Deadline", public["deadlines"].as_array().unwrap().clone()),
    ] {
        let (documented, _) = fields(&document, shape(&document, name));
        let used = values.iter().map(names).fold(BTreeSet::new(), |all, more| &all | &more);
        assert!(!used.is_empty() && used.is_subset(&documented), "{name}: {:?}", &used - &documented);
    }
}

#[test]
fn the_documented_kinds_of_deadlines_are_those_that_are_known() {
    let mut file = file();
    file["deadlines"][0]["kind"] = json!("wombat");
    let answers = Desk::new().simulate(&file, &[]).expect(1).lines();
    let said = answers[1]["error"]["detail"].as_str().unwrap().to_owned();
    let known: BTreeSet<String> = said.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect();
    assert_eq!(words(&shape(&seen::document(), "DeadlineKind")["enum"]), known);
}

#[test]
fn an_answer_of_no_documented_shape_is_noticed() {
    for answer in
        [json!({}), json!({"name": "x", "pass": true, "colour": "red"}), json!({"name": "x", "decision": "allow"})]
    {
        assert!(std::panic::catch_unwind(|| shape_of(&answer)).is_err(), "{answer}");
    }
}
