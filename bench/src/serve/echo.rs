//! The floor of an answer: JSON is read and JSON of the same size is written, and nothing is asked.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

/// A question, with what our callers send.
#[derive(Deserialize)]
pub(super) struct Question {
    pub(super) phone: String,
    channel: String,
    purpose: String,
}

/// An answer that is as long as ours.
#[derive(Serialize)]
struct Answer<'a> {
    decision: &'a str,
    reason: &'a str,
    phone: &'a str,
    channel: &'a str,
    purpose: &'a str,
    rest: &'a str,
}

/// What makes up for the size.
pub(super) struct Rest(String);

impl Rest {
    pub(super) fn new(bytes: usize) -> Self {
        const FIELDS: usize = 120;
        Self("x".repeat(bytes.saturating_sub(FIELDS)))
    }

    /// The answer to a question.
    pub(super) fn answer(&self, question: &Question, decision: &str) -> HttpResponse {
        let Question { phone, channel, purpose } = question;
        HttpResponse::Ok().json(Answer { decision, reason: "ECHO", phone, channel, purpose, rest: &self.0 })
    }
}

pub(super) fn configure(config: &mut web::ServiceConfig, bytes: usize) {
    config.app_data(web::Data::new(Rest::new(bytes))).route("/v1/check", web::post().to(echo));
}

async fn echo(question: web::Json<Question>, rest: web::Data<Rest>) -> HttpResponse {
    rest.answer(&question, "allow")
}
