use super::*;

const SOUND: &str = include_str!("../../../rules.toml");

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    for (from, to, reason) in [
        ("version = \"2026", "verison = \"2026", "unknown field"),
        ("max_ttl = \"PT15M\"", "max_ttl = \"15 min\"", "not a duration"),
        ("max_ttl = \"PT15M\"", "max_ttl = \"PT2H\"", "max_ttl must be"),
        ("stop_scope = \"person_and_number\"", "stop_scope = \"person\"", "unknown variant"),
        ("seller = \"INFI USA, Inc.\"", "seller = \" \"", "must not be empty"),
        ("policies = [\"2024-03-20\"]", "policies = []", "names no policy"),
        ("countries = [\"CA\"]", "countries = [\"US\"]", "listed before"),
        ("countries = [\"GB\", \"UK\"]", "countries = [\"uk\"]", "two capital letters"),
        ("id = \"us-text-service\"", "id = \"us-text-marketing\"", "says the same"),
        ("channels = [\"email\"]", "channels = []", "applies to nothing"),
        ("channels = [\"email\"]", "channels = [\"fax\"]", "not a known channel"),
        ("effective_from = \"1992-12-20\"", "effective_from = \"1992-13-20\"", "input is out of range"),
        ("source = \"15 USC", "source = \"\" # ", "has no source"),
        ("automated = true\nclasses = [\"service\"]", "classes = [\"marketing\"]", "says the same"),
        ("or = [\"implied_consent\", ", "or = [\"goodwill\", ", "unknown variant"),
        ("[\"bought\"], ", "[], ", "would fit every consent"),
        ("optout_confirmation_max_delay = \"PT5M\"", "optout_confirmation_max_delay = \"PT0S\"", "must be between"),
        ("revoke_all_effective = \"2027-01-31\"", "revoke_all_effective = \"soon\"", "neither a day"),
        ("suppression_expiry = \"never\"", "suppression_expiry = \"P5Y\"", "unknown variant"),
        ("id = \"casl-inquiry\"", "id = \"casl-purchase\"", "says the same"),
        ("months = 24", "months = 0", "grants nothing"),
        ("within = \"PT168H\"", "within = \"a week\"", "not a duration"),
        (
            "id = \"national-dnc-list\"\neffective_from = \"2005-01-01\"",
            "id = \"help-reply\"\neffective_from = \"2024-03-20\"",
            "says the same",
        ),
        ("hours = { daily = \"08:00-21:00\" }", "hours = { daily = \"21:00-08:00\" }", "HH:MM-HH:MM"),
        (
            "hours = { daily = \"08:00-21:00\" }",
            "hours = { daily = \"08:00-21:00\", sunday = \"closed\" }",
            "the same every day",
        ),
        ("states = [\"FL\"]\nhours", "hours", "one federal window"),
        ("states = [\"OK\"]\nhours", "states = [\"ZZ\"]\nhours", "not a US state"),
        ("messages = 3", "messages = 0", "limits nothing"),
        ("source = \"Fla. Stat. 501.616(6)(b)\"", "source = \"\"", "has no source"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        // A date that two rows share is brought together, so that only the fault under test remains.
        let text = SOUND.replacen(from, to, 1).replace("1992-12-20", "2013-10-16");
        let text = if from.starts_with("effective") { SOUND.replacen(from, to, 1) } else { text };
        let Err(RulesError::File { line, reason: said }) = read(&text) else { panic!("accepted: {to}") };
        assert!(said.contains(reason), "{to}: {said}");
        assert!(line > 1, "{to}: line {line}");
    }
}

#[test]
fn the_line_is_the_line_of_the_fault() {
    let text = SOUND.replace("countries = [\"CA\"]", "countries = [\"Canada\"]");
    let line = text.lines().position(|line| line.contains("Canada")).unwrap() + 1;
    let error = read(&text).unwrap_err();
    assert!(error.to_string().starts_with(&format!("rules, line {line}: ")), "{error}");
}

#[test]
fn the_federal_window_cannot_be_left_out() {
    let text = SOUND.replacen("hours = { daily", "states = [\"GA\"]\nhours = { daily", 1);
    assert!(read(&text).unwrap_err().to_string().contains("the federal window is missing"));
}

#[test]
fn a_rule_may_have_versions() {
    let newer = "[[basis]]\nid = \"us-email-marketing\"\neffective_from = \"2027-01-01\"\nsource = \"test\"\n\
        jurisdictions = [\"US\"]\nchannels = [\"email\"]\nclasses = [\"marketing\"]\nrequires = \"express_written\"\n";
    assert!(read(&format!("{SOUND}\n{newer}")).is_ok());
    assert!(read(&format!("{SOUND}\n{newer}\n{newer}")).is_err());
}
