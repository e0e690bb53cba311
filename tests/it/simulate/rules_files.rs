//! `consentd rules`: files are checked and compared before a server is given them.

use serde_json::json;

use super::{Desk, RULES};

/// The rules with one row more, and this in it.
fn with_row(within: &str) -> String {
    let row = "id = \"wombat\"\neffective_from = \"2030-01-01\"\nsource = \"test\"";
    format!("{RULES}\n[[limit]]\n{row}\nwithin = \"{within}\"\n")
}

#[test]
fn a_rules_file_is_checked_by_line() {
    let desk = Desk::new();
    desk.write("good.toml", RULES);
    let ended = desk.run(&["rules", "check", "good.toml", "--json"], "").expect(0);
    let rows = RULES.lines().filter(|line| line.starts_with("[[")).count();
    assert_eq!(ended.lines()[0]["rows"], rows);
    let text = desk.run(&["rules", "check", "good.toml"], "").expect(0).out;
    assert!(text.starts_with("OK  version 20") && text.ends_with(&format!(", {rows} rows\n")), "{text}");
    let bad = with_row("a week");
    let line = bad.lines().position(|line| line.contains("\"a week\"")).unwrap() + 1;
    desk.write("bad.toml", &bad);
    let text = desk.run(&["rules", "check", "bad.toml"], "").expect(1).out;
    assert!(text.starts_with(&format!("FAIL  bad.toml: rules, line {line}: not a duration")), "{text}");
    let fault = desk.run(&["rules", "check", "bad.toml", "--json"], "").expect(1).lines().remove(0);
    assert_eq!((&fault["ok"], &fault["fault"]["line"]), (&json!(false), &json!(line)));
    assert!(desk.run(&["rules", "check", "missing.toml"], "").expect(2).err.contains("missing.toml"));
    assert_eq!(desk.files(), ["bad.toml", "good.toml"], "something was made");
}

#[test]
fn the_rules_that_are_compiled_in_can_be_shown_and_used() {
    let desk = Desk::new();
    let shown = desk.run(&["rules", "show"], "").expect(0).out;
    assert_eq!(shown, RULES);
    assert_eq!(desk.run(&["rules", "show", "--json"], "").expect(0).lines()[0]["text"], RULES);
    desk.run(&["rules", "check", "-"], &shown).expect(0);
}

#[test]
fn rules_files_are_compared_change_by_change() {
    let desk = Desk::new();
    desk.write("a.toml", RULES);
    desk.write("b.toml", with_row("PT1H"));
    desk.write("c.toml", with_row("PT2H").replacen("max_ttl = \"PT15M\"", "max_ttl = \"PT5M\"", 1));
    desk.write("bad.toml", "version = 1");
    let diff = |pair: [&str; 2], code: i32| desk.run(&["rules", "diff", pair[0], pair[1]], "").expect(code);
    assert_eq!(diff(["a.toml", "a.toml"], 0).out, "");
    let added = diff(["a.toml", "b.toml"], 1).out;
    assert!(added.starts_with("+ limit wombat 2030-01-01: {") && added.lines().count() == 1, "{added}");
    assert_eq!(diff(["b.toml", "a.toml"], 1).out, added.replacen('+', "-", 1));
    let row = "~ limit wombat 2030-01-01: within \"PT1H\" -> \"PT2H\"\n";
    let setting = "~ settings max_ttl: \"PT15M\" -> \"PT5M\"\n";
    assert_eq!(diff(["b.toml", "c.toml"], 1).out, format!("{row}{setting}"));
    let lines = desk.run(&["rules", "diff", "b.toml", "c.toml", "--json"], "").expect(1).lines();
    assert_eq!(lines[1], json!({"what": "settings max_ttl", "before": "PT15M", "after": "PT5M"}));
    for pair in [["a.toml", "bad.toml"], ["bad.toml", "a.toml"], ["a.toml", "missing.toml"]] {
        let ended = diff(pair, 2);
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{pair:?}");
    }
}
