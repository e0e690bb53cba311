//! The same route with one look-up elsewhere: an indexed query on PostgreSQL, a GET from Redis.

use std::sync::Mutex;

use actix_web::error::ErrorInternalServerError;
use actix_web::{HttpResponse, Result, web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::{Client, Statement};

use super::echo::{Question, Rest};
use super::serve_web;
use crate::peers;

/// One connection; questions that come together are sent together.
struct Database {
    client: Client,
    statement: Statement,
}

pub(super) fn postgres(url: String, bytes: usize) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let client = peers::connect(&url).await?;
        let statement = client.prepare("SELECT decision FROM decisions WHERE phone = $1").await?;
        let (database, rest) = (web::Data::new(Database { client, statement }), web::Data::new(Rest::new(bytes)));
        serve_web(move |config| {
            config.app_data(database.clone()).app_data(rest.clone()).route("/v1/check", web::post().to(by_query));
        })
        .await
    })
}

async fn by_query(
    question: web::Json<Question>,
    database: web::Data<Database>,
    rest: web::Data<Rest>,
) -> Result<HttpResponse> {
    let row = database.client.query_opt(&database.statement, &[&question.phone]).await;
    let row = row.map_err(ErrorInternalServerError)?;
    Ok(rest.answer(&question, row.as_ref().map_or("deny", |row| row.get(0))))
}

/// Connections that nobody uses now; each question has one to itself.
struct Cache {
    address: String,
    idle: Mutex<Vec<TcpStream>>,
}

pub(super) fn redis(address: String, bytes: usize) -> anyhow::Result<()> {
    let (cache, rest) = (Cache { address, idle: Mutex::default() }, web::Data::new(Rest::new(bytes)));
    let cache = web::Data::new(cache);
    super::web_server(move |config| {
        config.app_data(cache.clone()).app_data(rest.clone()).route("/v1/check", web::post().to(by_get));
    })
}

async fn by_get(question: web::Json<Question>, cache: web::Data<Cache>, rest: web::Data<Rest>) -> Result<HttpResponse> {
    let idle = cache.idle.lock().ok().and_then(|mut idle| idle.pop());
    let mut stream = match idle {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(&cache.address).await?;
            stream.set_nodelay(true)?;
            stream
        }
    };
    let found = get(&mut stream, &question.phone).await?;
    if let Ok(mut idle) = cache.idle.lock() {
        idle.push(stream);
    }
    Ok(rest.answer(&question, found.as_deref().unwrap_or("deny")))
}

/// `GET` in the protocol of Redis: `$<length>`, or `$-1` for nothing.
async fn get(stream: &mut TcpStream, key: &str) -> std::io::Result<Option<String>> {
    stream.write_all(format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\n", key.len()).as_bytes()).await?;
    let mut answer = Vec::with_capacity(64);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = std::str::from_utf8(&answer).unwrap_or_default();
        match text.split_once("\r\n") {
            Some(("$-1", _)) => return Ok(None),
            Some((length, rest)) if length.starts_with('$') => {
                if let Some(value) = rest.strip_suffix("\r\n") {
                    return Ok(Some(value.to_owned()));
                }
            }
            Some(_) => return Err(std::io::ErrorKind::InvalidData.into()),
            None => {}
        }
    }
}
