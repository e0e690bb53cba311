//! `GET /v1/export`: the ledger as lines of JSON, with its proof.

use std::pin::Pin;
use std::time::Instant;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};
use consent_core::checkpoint::Checkpoint;
use consent_core::event::fault::Fault;
use consent_core::event::{Event, EventKind, kinds::DisclosureMade};
use consent_core::export::{Line, Manifest, encode};
use consent_query::reader::Rests;
use consent_store::{Ledger, Scanned, StoreError};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::auth::{self, Caller};
use crate::clock;
use crate::error::{Kind, Problem, ProblemBody};
use crate::server::Service;

/// Bytes that are set aside for a line: most need no more.
const LINE: usize = 2_048;

/// Which part of the ledger.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Position of the first entry; 0 by default.
    pub from: Option<u64>,
    /// Position after the last entry; the end of the ledger by default.
    pub to: Option<u64>,
    /// `ndjson`, the only format so far.
    pub format: Option<String>,
}

/// Export the ledger
///
/// One entry with its opening a line, closed by a manifest with a signed checkpoint and the proof that the entries lead
/// to it; `consentd verify FILE` checks it offline. Nothing is left out. The export itself is recorded first, as
/// `disclosure_made`.
#[utoipa::path(
    tag = "audit",
    security(("api_key" = ["export"])),
    params(ExportQuery),
    responses(
        (status = 200, description = "Lines of JSON", body = String, content_type = "application/x-ndjson"),
        (status = 400, description = "A parameter is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key has too many batches, scrubs, exports and imports under way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "The ledger is damaged", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/v1/export")]
pub async fn export(
    caller: Caller<auth::Export>,
    request: actix_web::HttpRequest,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let query = web::Query::<ExportQuery>::from_query(request.query_string());
    let query =
        query.map_err(|_| Problem::new(Kind::Malformed, "the parameters are from, to and format"))?.into_inner();
    if query.format.as_deref().is_some_and(|format| format != "ndjson") {
        return Err(Problem::new(Kind::Malformed, "format must be ndjson"));
    }
    let share = caller.share(&service.shares)?;
    service.intake.record(disclosure(caller.name()), None, service.event_deadline).await?;
    let note = service.notary.sign().await?;
    let rules = service.reader.rules_version();
    let export = Export::begin(&service.ledger, note, query.from, query.to, rules).await?;
    let lease = share.while_taken();
    let lines = stream::try_unfold(Some((export, lease, (Rests::default(), None))), |under_way| async move {
        let Some((export, lease, (mut rests, took))) = under_way else { return Ok(None) };
        lease.take()?;
        let began = Instant::now();
        let page = export.next().await?;
        // Pages after the first are made while others are taken: what one takes shows in the first alone.
        let took = took.unwrap_or_else(|| began.elapsed());
        rests.behind(took).await;
        Ok(page.map(|(page, rest)| (page, rest.map(|export| (export, lease, (rests, Some(took)))))))
    });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming::<_, Problem>(lines))
}

/// The disclosure that an export is.
pub fn disclosure(recipient: &str) -> Event {
    let kind = DisclosureMade { recipient: Some(recipient.to_owned()), what: Some("export of the ledger".to_owned()) };
    let mut event = Event::new(EventKind::DisclosureMade(kind));
    event.actor = Some(recipient.to_owned());
    event
}

/// An export under way, in pages, so that memory does not grow with the ledger.
pub struct Export {
    manifest: Manifest,
    pages: Pages,
    hash: Sha256,
}

/// The lines of page after page, made ahead of whoever takes them.
type Pages = Pin<Box<dyn Stream<Item = Result<Vec<Vec<u8>>, StoreError>> + Send>>;

impl Export {
    /// Begins with the proof: the range under a signed checkpoint of the present head.
    pub async fn begin(
        ledger: &Ledger,
        note: String,
        from: Option<u64>,
        to: Option<u64>,
        rules: &str,
    ) -> Result<Self, Problem> {
        let manifest = manifest_of(ledger, note, from, to, rules).await?;
        let pages = Box::pin(ledger.scan(manifest.from, manifest.to, line));
        Ok(Self { manifest, pages, hash: Sha256::new() })
    }

    /// The next page and what is left, or at the end the manifest alone.
    pub async fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>, Problem> {
        let Some(page) = self.pages.next().await else {
            self.manifest.sha256 = encode(&self.hash.finalize());
            let line = self.manifest.to_line().map_err(|error| Problem::new(Kind::Internal, "").because(error))?;
            return Ok(Some((Bytes::from(format!("{line}\n")), None)));
        };
        let page = page?.concat();
        self.hash.update(&page);
        Ok(Some((Bytes::from(page), Some(self))))
    }
}

/// The line of an entry.
fn line(found: Scanned<'_>) -> Result<Vec<u8>, StoreError> {
    // Quotes in the body are escaped, and there are many.
    let mut line = Vec::with_capacity(LINE);
    let written = Line::write(&mut line, (found.seq, found.bytes, found.leaf), found.opening);
    written.map(|()| line).map_err(|_| StoreError::Corrupt { seq: found.seq, what: "the entry cannot be written" })
}

/// The manifest of the range under a checkpoint; the hash of the lines is still to come.
pub async fn manifest_of(
    ledger: &Ledger,
    note: String,
    from: Option<u64>,
    to: Option<u64>,
    rules: &str,
) -> Result<Manifest, Problem> {
    let checkpoint = Checkpoint::parse(&note).map_err(|error| Problem::new(Kind::Corrupt, "").because(error))?;
    let (from, to) = (from.unwrap_or(0), to.unwrap_or(checkpoint.size));
    if from > to || to > checkpoint.size {
        let detail = format!("must be a range within the {} entries of the ledger", checkpoint.size);
        return Err(Problem::fields(vec![Fault::new("", detail)]));
    }
    let proof = ledger.range_proof(from, to, checkpoint.size).await?;
    Ok(Manifest {
        from,
        to,
        size: checkpoint.size,
        root: encode(&checkpoint.root),
        proof: proof.iter().map(|hash| encode(hash)).collect(),
        checkpoint: note,
        sha256: String::new(),
        rules: rules.to_owned(),
        made_at: clock::now().to_rfc3339(),
    })
}
