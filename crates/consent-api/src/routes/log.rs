//! `/log/...`: what anybody may read of the ledger, because it says nothing about anybody.

use actix_web::{HttpResponse, get, web};

use crate::error::{Kind, Problem, ProblemBody};
use crate::notary::NotaryError;
use crate::server::Service;

/// Read the latest checkpoint
///
/// A signed note (C2SP `tlog-checkpoint`): origin, size and root of the ledger, signed with Ed25519. At most a second
/// old while the ledger grows.
#[utoipa::path(
    tag = "audit",
    responses(
        (status = 200, description = "The checkpoint", body = String, content_type = "text/plain"),
        (status = 503, description = "None can be signed now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/log/checkpoint")]
pub async fn checkpoint(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let note = match service.ledger.latest_checkpoint().await? {
        Some(note) => note,
        None => service.notary.sign().await?,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("cache-control", "no-cache"))
        .body(note))
}

/// Read the key that checkpoints are signed with
///
/// In the form `name+id+key` of C2SP `signed-note`. Keep a copy from a time when you trusted us.
#[utoipa::path(
    tag = "audit",
    responses((status = 200, description = "The verifier key", body = String, content_type = "text/plain"))
)]
#[get("/log/key")]
pub async fn verifier(service: web::Data<Service>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(service.notary.verifier().to_text())
}

impl From<NotaryError> for Problem {
    fn from(error: NotaryError) -> Self {
        match error {
            NotaryError::Store(error) => error.into(),
            NotaryError::Backwards(_) => Self::new(Kind::Corrupt, "").because(error),
            NotaryError::Anchor(_) => Self::new(Kind::Unavailable, "").because(error),
        }
    }
}
