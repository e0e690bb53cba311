//! `POST /v1/scrub`: a list without those who may not be contacted.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, post, web};
use futures_util::{Stream, StreamExt, stream};

use crate::auth::{Caller, Check};
use crate::error::{Kind, Problem, ProblemBody};
use crate::limits;
use crate::scrub::{Format, FromLedger, Order, Scrub, ScrubQuery};
use crate::server::Service;

/// Take out of a list those who may not be contacted
///
/// Streams a list through, of any length, in the format it comes in: `text/plain` with an address a line, `text/csv`
/// with a header line, or `application/x-ndjson` with `phone`, `email` or `subject` in each object. Rows come back in
/// their order and as they came; NDJSON gets `decision`, `reason`, `valid_until` and `next_eligible_at`, and with
/// `return=all` CSV gets the columns `decision`, `reason` and `detail` and text gets them behind tabs. Blank lines are left
/// out.
///
/// A line that cannot be read is denied with the reason `INVALID_REQUEST` and counted. NDJSON reports it in its place,
/// whatever is wanted back: `{"line","decision","reason","detail"}`. Text and CSV report it in its place among the denied,
/// with `line 7: why` behind a tab or in the column `detail`, which `return=denied` has as well; where its fields cannot
/// be told apart they are left empty. A CSV with a column of a name that would be added is refused.
///
/// The certificate says what the answer rests on: `{"input_sha256","rows","allowed","denied","by_reason","position",
/// "rules_version","valid_until","decided_at"}`, and in `unread_lines` the numbers of the first 100 lines that could not be
/// read. NDJSON ends with `{"certificate":{...}}`, text with `# certificate {...}`, and so does CSV with `certificate=line`.
/// An answer that breaks off is not to be used.
/// While the ledger cannot be reached, rows are denied with the reason `LEDGER_UNAVAILABLE`.
///
/// Read the answer while you send the list: no more of it is taken than can be answered. A line has at most 64 KiB. The
/// list may stand still for 30 seconds, the answer for two minutes.
#[utoipa::path(
    tag = "decisions",
    security(("api_key" = ["check"])),
    params(ScrubQuery),
    request_body(
        description = "The list",
        content((String = "text/plain"), (String = "text/csv"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "The rows that are wanted, in the format of the list", content((String = "text/plain"), (String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 400, description = "A parameter or the header line is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The list did not go on in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Another format, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key has too many batches, scrubs, exports and imports under way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "A fault on our side", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The key cannot be looked up now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/scrub")]
pub async fn scrub(
    caller: Caller<Check>,
    request: HttpRequest,
    payload: web::Payload,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let order = order(&request)?;
    let share = caller.share(&service.shares)?;
    let media = order.format.media();
    let (reader, decided) = (service.reader.clone(), service.decided.clone());
    let answers = FromLedger::new(reader, Arc::clone(&service.bulk), decided);
    let mut scrub = Scrub::new(order, Box::pin(pieces(payload)), answers);
    // Whatever is wrong with the list as a whole shows by now, while a status can still say so.
    let first = scrub.page().await?;
    let rest = stream::try_unfold((scrub, share.while_taken()), |(mut scrub, lease)| async move {
        lease.take()?;
        let page = scrub.page().await?;
        Ok(page.map(|page| (page, (scrub, lease))))
    });
    let pages = stream::iter(first.map(Ok)).chain(rest);
    Ok(HttpResponse::Ok().content_type(media).streaming::<_, Problem>(pages))
}

fn order(request: &HttpRequest) -> Result<Order, Problem> {
    let unsupported = |detail: &str| Problem::new(Kind::Unsupported, detail);
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(unsupported("compressed bodies are not taken"));
    }
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let format = Format::of_media(media);
    let format = format.ok_or_else(|| unsupported("the list must be text/plain, text/csv or application/x-ndjson"))?;
    let query = web::Query::<ScrubQuery>::from_query(request.query_string());
    let names = "the parameters are channel, purpose, return, column, sender, product_line, automated, \
                 opt_out_in_message and certificate; the first two are needed";
    Order::new(format, query.map_err(|_| Problem::new(Kind::Malformed, names))?.into_inner())
}

/// The list as it arrives. A caller who falls silent must not hold on to the service.
fn pieces(payload: web::Payload) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream::unfold(payload, |mut payload| async move {
        let piece = match tokio::time::timeout(limits::SCRUB_IDLE, payload.next()).await {
            Ok(piece) => piece?.map_err(|error| Problem::new(Kind::Malformed, "the list broke off").because(error)),
            Err(_) => Err(Problem::new(Kind::Slow, "the list did not go on in time")),
        };
        Some((piece, payload))
    })
}
