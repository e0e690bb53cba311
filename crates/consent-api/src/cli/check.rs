//! `consentd check`: may we contact this person?

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
use consent_query::decide::{Cause, Known, decide};
use consent_query::decision::{Decision, Found};
use consent_query::reason::{Answer, Reason};
use consent_query::rules::Rules;

use super::remote::Remote;
use super::{Context, Outcome, failure, local, words};
use crate::clock;
use crate::config::Config;
use crate::routes::QuestionBody;

/// Whom a command is about.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("person").required(true).multiple(true))]
pub(super) struct Person {
    /// Phone number with country code
    #[arg(long, group = "person", value_name = "NUMBER", allow_hyphen_values = true)]
    pub(super) phone: Option<String>,
    /// E-mail address
    #[arg(long, group = "person", value_name = "ADDRESS")]
    pub(super) email: Option<String>,
    /// The person, by INFI's own id, such as crm:42
    #[arg(long, group = "person", value_name = "ID")]
    pub(super) subject: Option<String>,
}

#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 allow, 1 deny, 2 usage, 3 deny because the ledger or the server cannot be reached.

  consentd check --phone +12025550123 --channel sms --purpose updates && send-it")]
pub(super) struct Arguments {
    #[command(flatten)]
    person: Person,
    /// sms mms voice email push whatsapp postal
    #[arg(long)]
    channel: String,
    /// What the message is for: updates special_offers services transactional billing support security maintenance
    /// inquiry_reply policy_change_notice rights_response optout_confirmation help_response emergency
    #[arg(long)]
    purpose: String,
    /// The number or address the message would come from
    #[arg(long)]
    sender: Option<String>,
    /// What the message is about
    #[arg(long)]
    subject_matter: Option<String>,
    /// The line of products it advertises
    #[arg(long)]
    product_line: Option<String>,
    /// Sent or dialled by a machine [default: true]
    #[arg(long, value_name = "BOOL")]
    automated: Option<bool>,
    /// The message itself offers a way to refuse more of them [default: false]
    #[arg(long, value_name = "BOOL")]
    opt_out_in_message: Option<bool>,
    /// Count what had happened by then, such as 2026-11-22T12:00:00Z
    #[arg(long, value_name = "TIME")]
    as_of: Option<DateTime<Utc>>,
    /// Count what the ledger had received by then
    #[arg(long, value_name = "TIME")]
    known_at: Option<DateTime<Utc>>,
    /// Deny unless the ledger has at least this many entries
    #[arg(long, value_name = "N")]
    min_position: Option<u64>,
    /// Say for each rule what it found
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    remote: Remote,
}

impl Arguments {
    fn question(&self, people: bool) -> QuestionBody {
        QuestionBody {
            phone: self.person.phone.clone(),
            email: self.person.email.clone(),
            subject: self.person.subject.clone(),
            channel: self.channel.clone(),
            purpose: self.purpose.clone(),
            sender: self.sender.clone(),
            subject_matter: self.subject_matter.clone(),
            product_line: self.product_line.clone(),
            automated: self.automated,
            opt_out_in_message: self.opt_out_in_message,
            as_of: self.as_of,
            known_at: self.known_at,
            min_position: self.min_position,
            max_staleness_ms: None,
            // The sentence for people is that of the rule, which knows more than the reason code.
            explain: self.explain || people,
        }
    }
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let body = arguments.question(!context.output.is_json());
    let asked = match arguments.remote.client()? {
        Some(client) => client.check(&body).await.map_err(anyhow::Error::from),
        None => ask(&context.config()?, body.clone()).await,
    };
    let decision = match asked {
        Ok(decision) => decision,
        // No answer is an answer too, and a script that reads it should find one.
        Err(error) if failure::is_unavailable(&error) => {
            failure::report(&error);
            let (question, _) = body.into_question();
            decide(&question, &Known::Unavailable(Cause::Unreachable), &Rules::embedded()?, clock::now(), 0)
        }
        Err(error) => return Err(error),
    };
    context.output.result(&decision, || text(&decision, arguments.explain))?;
    Ok(match (decision.decision, decision.reason) {
        (Answer::Allow, _) => Outcome::Yes,
        (Answer::Deny, Reason::LedgerUnavailable) => Outcome::Unavailable,
        (Answer::Deny, _) => Outcome::No,
    })
}

/// Asks the ledger of the configuration.
async fn ask(config: &Config, body: QuestionBody) -> anyhow::Result<Decision> {
    let reader = local::reader(config).await?;
    let (question, fresh) = body.into_question();
    Ok(reader.ask(&question, clock::now(), fresh).await)
}

/// A decision for people.
fn text(decision: &Decision, explain: bool) -> String {
    let answer = if decision.decision == Answer::Allow { "ALLOW" } else { "DENY" };
    let findings = decision.explanation.as_deref().unwrap_or_default();
    let sentence = findings.iter().find(|finding| finding.rule == decision.rule.id);
    let sentence = sentence.map_or(decision.reason.words(), |finding| finding.words.as_ref());
    let mut text = format!("{answer}  {}\n{sentence}\n\n", decision.reason);
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:12}{value}\n"));
    let rule = &decision.rule;
    line("rule", &format!("{} (number {}, rules {})", rule.id, rule.number, rule.version));
    line("source", &rule.source);
    for reason in &decision.also_blocking {
        line("also", &format!("{reason}: {}", reason.words()));
    }
    for cited in &decision.relied_on {
        line("relies on", &format!("entry {}, event {}", cited.seq, cited.event_id));
    }
    if !decision.zones.is_empty() {
        line("time zones", &decision.zones.join(" "));
    }
    if let Some(end) = decision.valid_until {
        line("valid until", &words::time(end));
    }
    if let Some(next) = decision.next_eligible_at {
        line("ask again", &words::time(next));
    }
    line("position", &format!("{} in the ledger", words::count(decision.position, "entry")));
    for finding in findings.iter().filter(|_| explain) {
        let verdict = match finding.verdict {
            Found::Silent => "silent",
            Found::Allow => "allows",
            Found::Deny => "denies",
        };
        text.push_str(&format!("\n  {:18}{verdict:8}{}", finding.rule, finding.words));
    }
    text
}
