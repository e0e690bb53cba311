//! `consentd classify`: what a reply means, and which rule says so. It opens no ledger and needs none.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use consent_core::event::kinds::Indicator;
use consent_core::keywords::{Explained, explain};
use serde_json::{Value, json};

use super::failure::Failure;
use super::{Context, Outcome, words};

#[derive(Args)]
#[command(group = ArgGroup::new("input").required(true), after_help = "\
Prints one line for each text: its meaning (opt_out opt_in help wrong_number clarification needs_review ordinary), the
rule that spoke, its language, the text, and the word or phrase of our own lists that was found. needs_review holds marketing
until a person has read the message. Under free_text_classifier = \"exact_keyword\" an opt_out by another rule than
keyword, gateway or instruction is held as well. With --json: one object a line.

Exit codes: 0 whatever the texts mean, 2 usage or a file that cannot be read.

  consentd classify 'Stop, please!' 'stop by the shop'
  consentd classify --file replies.txt --json")]
pub(super) struct Arguments {
    /// Texts, or - to read them from standard input, one a line
    #[arg(group = "input", value_name = "TEXT")]
    texts: Vec<String>,
    /// File of texts, one a line; - is standard input
    #[arg(long, group = "input", value_name = "FILE")]
    file: Option<PathBuf>,
    /// What the gateway says it did: STOP, START or HELP
    #[arg(long, value_name = "WORD", value_parser = indicator)]
    indicator: Option<Indicator>,
}

fn indicator(word: &str) -> Result<Indicator, String> {
    word.to_ascii_uppercase().parse().map_err(|_| "give STOP, START or HELP".to_owned())
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let tell = |text: &str| {
        let read = explain(text, arguments.indicator);
        context.output.result(&value(text, &read), || line(text, &read))
    };
    match (&arguments.file, arguments.texts.as_slice()) {
        (Some(path), _) => each_line(open(path)?, tell)?,
        (None, [dash]) if dash == "-" => each_line(open(Path::new("-"))?, tell)?,
        (None, texts) => texts.iter().try_for_each(|text| tell(text))?,
    }
    Ok(Outcome::Yes)
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(path).with_context(|| path.display().to_string());
    let opened = opened.map_err(|cause| Failure::Unread { task: "nothing was classified", cause })?;
    Ok(Box::new(BufReader::new(opened)))
}

/// Bytes that are no text are read as a gateway's would be: what can be made out counts.
fn each_line(lines: impl BufRead, mut tell: impl FnMut(&str) -> io::Result<()>) -> io::Result<()> {
    for line in lines.split(b'\n') {
        let line = line?;
        tell(&String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)))?;
    }
    Ok(())
}

fn value(text: &str, read: &Explained) -> Value {
    json!({
        "text": text, "meaning": read.meaning.as_str(), "rule": read.rule, "language": read.language,
        "matched": read.matched,
    })
}

/// The reading in columns, then the text, then the phrase of our lists, which may be long.
fn line(text: &str, read: &Explained) -> String {
    let shown = words::value(&Value::String(text.to_owned()));
    let matched = read.matched.map_or(String::new(), |phrase| format!("  [{phrase}]"));
    let language = read.language.unwrap_or("-");
    format!("{:14}{:14}{language:4}{shown}{matched}", read.meaning.as_str(), read.rule)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Line::try_parse_from([&["classify"], arguments].concat()).map(|line| line.arguments)
    }

    #[test]
    fn a_reading_names_meaning_rule_language_and_word() {
        let read = |text, said: Option<&str>| {
            let read = explain(text, said.map(|said| indicator(said).unwrap()));
            let value = value(text, &read);
            assert_eq!(value["text"], text);
            (value["meaning"].clone(), value["rule"].clone(), value["language"].clone(), value["matched"].clone())
        };
        for (text, said, expected) in [
            ("Stop, please! 🛑", None, ["opt_out", "keyword", "en", "stop"].map(Some)),
            ("arrêt", None, ["opt_out", "keyword", "fr", "arret"].map(Some)),
            ("Thanks a lot", None, [Some("ordinary"), Some("ordinary"), None, None]),
            ("Thanks a lot", Some("stop"), [Some("opt_out"), Some("gateway"), None, None]),
        ] {
            let [meaning, rule, language, matched] = expected.map(|word| json!(word));
            assert_eq!(read(text, said), (meaning, rule, language, matched), "{text}");
        }
    }

    #[test]
    fn a_line_is_for_people_and_cannot_steer_the_terminal() {
        let text = "take me off\u{1b}[2J";
        let line = line(text, &explain(text, None));
        assert!(line.starts_with("opt_out") && line.contains("phrase") && line.contains("take me off"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }

    #[test]
    fn every_line_of_a_file_is_a_text_whatever_its_bytes() {
        let mut seen = Vec::new();
        let lines: &[u8] = b"STOP\r\n\nH\xffllo\nlast";
        each_line(lines, |text| {
            seen.push(text.to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["STOP", "", "H\u{fffd}llo", "last"]);
    }

    #[test]
    fn texts_or_a_file_are_needed_and_an_indicator_is_one_of_three_words() {
        assert_eq!(parsed(&["stop", "--", "-1"]).unwrap().texts, ["stop", "-1"]);
        assert_eq!(parsed(&["hi", "--indicator", "Help"]).unwrap().indicator, Some(Indicator::Help));
        assert!(parsed(&["-"]).is_ok() && parsed(&["--file", "-"]).is_ok());
        for wrong in [&[][..], &["stop", "--file", "x"], &["hi", "--indicator", "PAUSE"]] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }
}
