//! Who is asked about the rows: the local ledger or a server.

use std::sync::Arc;

use consent_query::decide::{Cause, Known, decide};
use consent_query::decision::Decision;
use consent_query::reader::{Reader, Turns};
use consent_query::rules::Rules;
use tokio::sync::Semaphore;

use crate::client::{Client, ClientError};
use crate::routes::QuestionBody;
use crate::scrub::{Answers, Block, FromLedger, Verdicts};
use crate::telemetry::Decided;
use crate::{clock, limits};

/// Whoever is asked.
pub(super) enum Asked {
    Ledger(Box<FromLedger>),
    Server { client: Box<Client>, rules: Box<Rules> },
}

impl Asked {
    pub(super) fn ledger(reader: Reader) -> Self {
        let leave = Arc::new(Semaphore::new(limits::BULK));
        Self::Ledger(Box::new(FromLedger::new(reader, leave, Decided::new())))
    }

    pub(super) fn server(client: Client) -> anyhow::Result<Self> {
        Ok(Self::Server { client: Box::new(client), rules: Box::new(Rules::embedded()?) })
    }
}

impl Answers<anyhow::Error> for Asked {
    async fn answer(&self, block: Block<'_>, turns: &mut Turns) -> anyhow::Result<Verdicts> {
        let (client, rules) = match self {
            Self::Ledger(ledger) => return ledger.answer(block, turns).await,
            Self::Server { client, rules } => (client, rules),
        };
        let questions: Vec<QuestionBody> = block.questions().collect();
        match patiently(client, &questions).await {
            // No answer is a deny, for every row that waits for it.
            Err(error) if error.is_unavailable() => {
                let (known, now) = (Known::Unavailable(Cause::Unreachable), clock::now());
                let questions = questions.into_iter().map(|question| question.into_question().0);
                Ok(questions.map(|question| decide(&question, &known, rules, now, 0)).collect())
            }
            answered => Ok(answered?.into_iter().collect()),
        }
    }
}

/// Asks again while the key has too much under way: other lists of the same caller are no reason to deny this one.
async fn patiently(client: &Client, questions: &[QuestionBody]) -> Result<Vec<Decision>, ClientError> {
    let mut tries = 0;
    loop {
        match client.check_batch(questions).await {
            Err(error) if error.is_too_many() && tries < limits::CLIENT_TRIES => tries += 1,
            answered => return answered,
        }
        tokio::time::sleep(limits::CLIENT_PAUSE).await;
    }
}
