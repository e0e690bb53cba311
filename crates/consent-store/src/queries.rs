// Every query that is the same on both databases, over the one free name `super::Conn`.
// This file is compiled twice: as `sqlite::queries` and as `postgres::queries`.
//
// Where there can be only one row it is asked for without `first`: that binds a `LIMIT`, for whose sake SQLite prepares
// the statement anew each time.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Text};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::Conn;
use crate::rows::{
    ApiKeyRow, CheckpointRow, DedupeRow, FollowerRow, HeadRow, KeyCheckRow, OutgoingRow, ReviewRow, TileRow,
};
use crate::schema::{
    api_keys, checkpoints, dedupe, entries, followers, head, key_checks, openings, outgoing, reviews, subject_keys,
    tiles, tokens,
};
use crate::sealed::{PublicPart, Sealed, SealedPart, WrappedKey};

pub(crate) async fn head(conn: &mut Conn) -> QueryResult<HeadRow> {
    head::table.select(HeadRow::as_select()).get_result(conn).await
}

/// Positions below `end` of the entries about any of these tokens, in order.
pub(crate) async fn positions(conn: &mut Conn, about: &[Vec<u8>], end: i64) -> QueryResult<Vec<i64>> {
    tokens::table
        .filter(tokens::token.eq_any(about.to_vec()))
        .filter(tokens::seq.lt(end))
        .select(tokens::seq)
        .distinct()
        .order(tokens::seq)
        .load(conn)
        .await
}

/// The tokens of the entries `[from, to)`.
pub(crate) async fn tokens_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<(i64, Vec<u8>)>> {
    tokens::table
        .filter(tokens::seq.ge(from).and(tokens::seq.lt(to)))
        .select((tokens::seq, tokens::token))
        .order((tokens::seq, tokens::token))
        .load(conn)
        .await
}

/// Tokens in their own order, behind this one.
pub(crate) async fn tokens_behind(
    conn: &mut Conn,
    token: Vec<u8>,
    seq: i64,
    limit: i64,
) -> QueryResult<Vec<(i64, Vec<u8>)>> {
    let behind = sql::<Bool>("(token, seq) > (").bind::<Binary, _>(token).sql(", ").bind::<BigInt, _>(seq).sql(")");
    tokens::table
        .filter(behind)
        .order((tokens::token, tokens::seq))
        .limit(limit)
        .select((tokens::seq, tokens::token))
        .load(conn)
        .await
}

/// Names in their own order, behind this one.
pub(crate) async fn dedupe_behind(
    conn: &mut Conn,
    source: String,
    key: Vec<u8>,
    limit: i64,
) -> QueryResult<Vec<DedupeRow>> {
    let behind =
        sql::<Bool>("(source, key_hmac) > (").bind::<Text, _>(source).sql(", ").bind::<Binary, _>(key).sql(")");
    dedupe::table
        .filter(behind)
        .order((dedupe::source, dedupe::key_hmac))
        .limit(limit)
        .select(DedupeRow::as_select())
        .load(conn)
        .await
}

/// The entries at these positions with what opens them, in order.
pub(crate) async fn sealed_at(conn: &mut Conn, at: &[i64]) -> QueryResult<Vec<Sealed>> {
    entries::table
        .left_join(openings::table.on(openings::seq.eq(entries::seq)))
        .left_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
        .filter(entries::seq.eq_any(at.to_vec()))
        .order(entries::seq)
        .select((PublicPart::as_select(), Option::<SealedPart>::as_select(), Option::<WrappedKey>::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn leaves_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Vec<u8>>> {
    entries::table
        .filter(entries::seq.ge(from).and(entries::seq.lt(to)))
        .order(entries::seq)
        .select(entries::leaf)
        .load(conn)
        .await
}

/// The full tiles `[from, to)` of one level, in order.
pub(crate) async fn tiles_between(conn: &mut Conn, level: i32, from: i64, to: i64) -> QueryResult<Vec<TileRow>> {
    tiles::table
        .filter(tiles::level.eq(level).and(tiles::n.ge(from)).and(tiles::n.lt(to)))
        .order(tiles::n)
        .select(TileRow::as_select())
        .load(conn)
        .await
}

/// Which of these names of a source are taken.
pub(crate) async fn recorded_under(conn: &mut Conn, source: &str, hashes: &[Vec<u8>]) -> QueryResult<Vec<DedupeRow>> {
    dedupe::table
        .filter(dedupe::source.eq(source.to_owned()).and(dedupe::key_hmac.eq_any(hashes.to_vec())))
        .select(DedupeRow::as_select())
        .load(conn)
        .await
}

pub(crate) async fn position_of(conn: &mut Conn, event_id: &[u8]) -> QueryResult<Option<i64>> {
    let at = openings::table.filter(openings::event_id.eq(event_id.to_vec()));
    at.select(openings::seq).get_result(conn).await.optional()
}

/// Positions of the entries of these events, in order.
pub(crate) async fn positions_of(conn: &mut Conn, event_ids: &[Vec<u8>]) -> QueryResult<Vec<i64>> {
    openings::table
        .filter(openings::event_id.eq_any(event_ids.to_vec()))
        .select(openings::seq)
        .order(openings::seq)
        .load(conn)
        .await
}

/// Messages at `from` and behind it, below `end`, that wait for one of these reasons, oldest first.
pub(crate) async fn waiting(
    conn: &mut Conn,
    reasons: &[String],
    from: i64,
    end: i64,
    limit: i64,
) -> QueryResult<Vec<ReviewRow>> {
    reviews::table
        .filter(reviews::resolved_by.is_null())
        .filter(reviews::seq.ge(from).and(reviews::seq.lt(end)))
        .filter(reviews::why.eq_any(reasons.to_vec()))
        .order(reviews::seq)
        .limit(limit)
        .select(ReviewRow::as_select())
        .load(conn)
        .await
}

/// Which of the entries `[from, to)` are listed for reviewers, or were.
pub(crate) async fn listed_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<i64>> {
    reviews::table
        .filter(reviews::seq.ge(from).and(reviews::seq.lt(to)))
        .order(reviews::seq)
        .select(reviews::seq)
        .load(conn)
        .await
}

pub(crate) async fn add_review(conn: &mut Conn, row: ReviewRow) -> QueryResult<usize> {
    diesel::insert_into(reviews::table).values(row).execute(conn).await
}

pub(crate) async fn checkpoints(conn: &mut Conn) -> QueryResult<Vec<CheckpointRow>> {
    checkpoints::table.order(checkpoints::size).select(CheckpointRow::as_select()).load(conn).await
}

pub(crate) async fn checkpoint_at(conn: &mut Conn, size: i64) -> QueryResult<Option<CheckpointRow>> {
    checkpoints::table
        .filter(checkpoints::size.eq(size))
        .select(CheckpointRow::as_select())
        .get_result(conn)
        .await
        .optional()
}

pub(crate) async fn key_checks(conn: &mut Conn) -> QueryResult<Vec<KeyCheckRow>> {
    key_checks::table.order((key_checks::kind, key_checks::number)).select(KeyCheckRow::as_select()).load(conn).await
}

pub(crate) async fn add_key_check(conn: &mut Conn, row: KeyCheckRow) -> QueryResult<usize> {
    diesel::insert_into(key_checks::table).values(row).execute(conn).await
}

/// The names under which the entries `[from, to)` were recorded, in order.
pub(crate) async fn dedupe_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<DedupeRow>> {
    dedupe::table
        .filter(dedupe::seq.ge(from).and(dedupe::seq.lt(to)))
        .order(dedupe::seq)
        .select(DedupeRow::as_select())
        .load(conn)
        .await
}

/// For each table, how many rows belong to no entry of a ledger of this size.
pub(crate) async fn rows_outside(conn: &mut Conn, size: i64) -> QueryResult<Vec<(&'static str, i64)>> {
    Ok(vec![
        (
            "entries",
            entries::table.filter(entries::seq.ge(size).or(entries::seq.lt(0))).count().get_result(conn).await?,
        ),
        (
            "openings",
            openings::table.filter(openings::seq.ge(size).or(openings::seq.lt(0))).count().get_result(conn).await?,
        ),
        ("tokens", tokens::table.filter(tokens::seq.ge(size).or(tokens::seq.lt(0))).count().get_result(conn).await?),
        (
            "reviews",
            reviews::table.filter(reviews::seq.ge(size).or(reviews::seq.lt(0))).count().get_result(conn).await?,
        ),
        ("dedupe", dedupe::table.filter(dedupe::seq.ge(size).or(dedupe::seq.lt(0))).count().get_result(conn).await?),
    ])
}

pub(crate) async fn latest_checkpoint(conn: &mut Conn) -> QueryResult<Option<CheckpointRow>> {
    checkpoints::table.order(checkpoints::size.desc()).select(CheckpointRow::as_select()).first(conn).await.optional()
}

pub(crate) async fn add_checkpoint(conn: &mut Conn, row: CheckpointRow) -> QueryResult<usize> {
    diesel::insert_into(checkpoints::table).values(row).execute(conn).await
}

pub(crate) async fn api_key(conn: &mut Conn, hash: &[u8]) -> QueryResult<Option<ApiKeyRow>> {
    let key = api_keys::table.filter(api_keys::hash.eq(hash.to_vec()));
    key.select(ApiKeyRow::as_select()).get_result(conn).await.optional()
}

pub(crate) async fn api_keys(conn: &mut Conn) -> QueryResult<Vec<ApiKeyRow>> {
    api_keys::table.order(api_keys::created_at).select(ApiKeyRow::as_select()).load(conn).await
}

pub(crate) async fn add_api_key(conn: &mut Conn, row: ApiKeyRow) -> QueryResult<usize> {
    diesel::insert_into(api_keys::table).values(row).execute(conn).await
}

pub(crate) async fn revoke_api_key(conn: &mut Conn, id: &str, now: i64) -> QueryResult<usize> {
    diesel::update(api_keys::table.filter(api_keys::id.eq(id.to_owned()).and(api_keys::revoked_at.is_null())))
        .set(api_keys::revoked_at.eq(now))
        .execute(conn)
        .await
}

pub(crate) async fn follower(conn: &mut Conn, name: &str) -> QueryResult<Option<i64>> {
    followers::table.find(name.to_owned()).select(followers::position).get_result(conn).await.optional()
}

pub(crate) async fn add_follower(conn: &mut Conn, name: &str, position: i64) -> QueryResult<usize> {
    let row = FollowerRow { name: name.to_owned(), position };
    diesel::insert_into(followers::table).values(row).execute(conn).await
}

/// Moves a follower on and writes down what follows, or does neither.
pub(crate) async fn follow(
    conn: &mut Conn,
    name: &str,
    from: i64,
    to: i64,
    tasks: Vec<OutgoingRow>,
) -> QueryResult<bool> {
    let name = name.to_owned();
    conn.transaction(async move |conn: &mut Conn| {
        let at = followers::table.filter(followers::name.eq(name).and(followers::position.eq(from)));
        let moved = diesel::update(at).set(followers::position.eq(to)).execute(conn).await? == 1;
        for row in tasks.into_iter().filter(|_| moved) {
            diesel::insert_into(outgoing::table).values(row).execute(conn).await?;
        }
        Ok(moved)
    })
    .await
}

pub(crate) async fn outgoing_due(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<OutgoingRow>> {
    outgoing::table
        .filter(outgoing::outcome.is_null().and(outgoing::due_at.le(now)))
        .order((outgoing::due_at, outgoing::seq))
        .limit(limit)
        .select(OutgoingRow::as_select())
        .load(conn)
        .await
}

/// Takes a task that is still as it was read.
pub(crate) async fn claim(conn: &mut Conn, row: OutgoingRow, until: i64) -> QueryResult<usize> {
    let here = outgoing::seq.eq(row.seq).and(outgoing::account.eq(row.account)).and(outgoing::kind.eq(row.kind));
    let same = outgoing::attempts.eq(row.attempts).and(outgoing::outcome.is_null());
    diesel::update(outgoing::table.filter(here.and(same)))
        .set((outgoing::attempts.eq(row.attempts + 1), outgoing::due_at.eq(until)))
        .execute(conn)
        .await
}

/// Writes down how a claimed task stands, unless another node has claimed it since. A time of `i64::MIN` leaves the claim
/// as long as it is.
pub(crate) async fn settle(conn: &mut Conn, row: OutgoingRow) -> QueryResult<usize> {
    let here = outgoing::seq.eq(row.seq).and(outgoing::account.eq(row.account)).and(outgoing::kind.eq(row.kind));
    let mine = outgoing::table.filter(here.and(outgoing::attempts.eq(row.attempts)).and(outgoing::outcome.is_null()));
    let state = (outgoing::calling.eq(row.calling), outgoing::outcome.eq(row.outcome));
    if row.due_at == i64::MIN {
        return diesel::update(mine).set(state).execute(conn).await;
    }
    diesel::update(mine).set((state, outgoing::due_at.eq(row.due_at))).execute(conn).await
}

/// How many tasks wait, and when the oldest is due.
pub(crate) async fn outgoing_waiting(conn: &mut Conn) -> QueryResult<(i64, Option<i64>)> {
    let open = outgoing::table.filter(outgoing::outcome.is_null());
    open.select((diesel::dsl::count_star(), diesel::dsl::min(outgoing::due_at))).get_result(conn).await
}
