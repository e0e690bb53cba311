//! Long bodies over HTTP: lists in, lists and exports out.

use std::net::SocketAddr;
use std::time::Instant;

use actix_web::web::Bytes;
use anyhow::ensure;
use futures_util::stream;

use crate::children::Server;
use crate::processes;
use crate::rounds::Figures;

/// Bytes of a piece of a list on its way.
const PIECE: usize = 64 * 1024;
/// Bytes of the end of an answer that are kept: where the certificate is.
const TAIL: usize = 4 * 1024;

/// What came of it.
pub struct Streamed {
    /// The end of the answer.
    pub tail: Vec<u8>,
    /// Seconds that it took, processor seconds of the server, and the most memory it had on the way above the beginning.
    pub figures: Figures,
}

/// Sends a list and reads the answer as it comes.
pub async fn scrub(
    address: SocketAddr,
    server: &Server,
    path: &str,
    key: &str,
    list: &Bytes,
) -> anyhow::Result<Streamed> {
    let whole = list.clone();
    let starts = (0..list.len()).step_by(PIECE);
    let pieces = starts.map(move |start| Ok::<_, std::io::Error>(whole.slice(start..whole.len().min(start + PIECE))));
    let body = reqwest::Body::wrap_stream(stream::iter(pieces));
    let request = reqwest::Client::new().post(format!("http://{address}{path}")).bearer_auth(key);
    follow(request.header("content-type", "text/plain").body(body), server, &mut std::io::sink()).await
}

/// Sends a request, and writes the answer as it comes.
pub async fn follow(
    request: reqwest::RequestBuilder,
    server: &Server,
    out: &mut impl std::io::Write,
) -> anyhow::Result<Streamed> {
    let (cpu, idle, began) = (server.cpu()?, processes::resident(server.pid())?, Instant::now());
    let mut answer = request.send().await?;
    ensure!(answer.status().is_success(), "answered {}", answer.status());
    let (mut tail, mut most, mut pieces) = (Vec::new(), idle, 0_u64);
    while let Some(piece) = answer.chunk().await? {
        out.write_all(&piece)?;
        tail.extend_from_slice(&piece);
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
        // Not at each piece: reading it costs the load as much as a piece does.
        if pieces.is_multiple_of(64) {
            most = most.max(processes::resident(server.pid())?);
        }
        pieces += 1;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), server.cpu()? - cpu);
    Ok(Streamed { tail, figures: Figures::from([("seconds", seconds), ("cpu", cpu), ("growth", most - idle)]) })
}
