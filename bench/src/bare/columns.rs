//! Rows as columns, as `unnest` takes them.

use tokio_postgres::{Client, Error, Statement};

use super::Written;

/// A column of bytes.
type Bytes<'a> = Vec<&'a [u8]>;

/// Rows of some events, column by column.
pub(super) struct Columns<'a> {
    end: i64,
    entries: (Vec<i64>, Bytes<'a>, Bytes<'a>),
    openings: (Vec<i64>, Bytes<'a>, Bytes<'a>, Bytes<'a>),
    keys: (Bytes<'a>, Bytes<'a>, Bytes<'a>, Vec<i32>),
    tokens: (Bytes<'a>, Vec<i64>),
    names: (Vec<&'a str>, Bytes<'a>, Vec<i64>, Bytes<'a>, Bytes<'a>),
}

impl<'a> Columns<'a> {
    pub(super) fn of(rows: &'a [Written]) -> Self {
        let mut columns = Self {
            end: rows.last().map_or(0, |last| last.entry.0 + 1),
            entries: Default::default(),
            openings: Default::default(),
            keys: Default::default(),
            tokens: Default::default(),
            names: Default::default(),
        };
        rows.iter().for_each(|row| columns.add(row));
        columns
    }

    fn add(&mut self, row: &'a Written) {
        self.entries.0.push(row.entry.0);
        self.entries.1.push(&row.entry.1);
        self.entries.2.push(&row.entry.2);
        self.openings.0.push(row.opening.0);
        self.openings.1.push(&row.opening.1);
        self.openings.2.push(&row.opening.2);
        self.openings.3.push(&row.opening.3);
        if let Some((id, token, wrapped, epoch)) = &row.key {
            self.keys.0.push(id);
            self.keys.1.push(token);
            self.keys.2.push(wrapped);
            self.keys.3.push(*epoch);
        }
        for (token, seq) in &row.tokens {
            self.tokens.0.push(token);
            self.tokens.1.push(*seq);
        }
        for (source, key, seq, id, content) in &row.names {
            self.names.0.push(source);
            self.names.1.push(key);
            self.names.2.push(*seq);
            self.names.3.push(id);
            self.names.4.push(content);
        }
    }
}

/// The statements, in the order of [`insert`].
const INSERTS: [&str; 6] = [
    "UPDATE head SET size = $1, received_at = $1",
    "INSERT INTO entries (seq, bytes, leaf) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])",
    "INSERT INTO subject_keys (id, token, wrapped, kek_epoch) \
     SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::integer[])",
    "INSERT INTO openings (seq, event_id, key_id, sealed) \
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[])",
    "INSERT INTO tokens (token, seq) SELECT * FROM unnest($1::bytea[], $2::bigint[])",
    "INSERT INTO dedupe (source, key_hmac, seq, event_id, content) \
     SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[])",
];

pub(super) async fn prepare(client: &Client) -> Result<Vec<Statement>, Error> {
    let mut statements = Vec::new();
    for sql in INSERTS {
        statements.push(client.prepare(sql).await?);
    }
    Ok(statements)
}

/// One transaction, sent in one go.
pub(super) async fn insert(client: &Client, inserts: &[Statement], columns: &Columns<'_>) -> anyhow::Result<()> {
    let [head, entries, keys, openings, tokens, names] = inserts else { anyhow::bail!("six statements") };
    let Columns { end, entries: e, openings: o, keys: k, tokens: t, names: n } = columns;
    tokio::try_join!(
        client.batch_execute("BEGIN"),
        async { client.execute(head, &[end]).await.map(drop) },
        async { client.execute(entries, &[&e.0, &e.1, &e.2]).await.map(drop) },
        async { client.execute(keys, &[&k.0, &k.1, &k.2, &k.3]).await.map(drop) },
        async { client.execute(openings, &[&o.0, &o.1, &o.2, &o.3]).await.map(drop) },
        async { client.execute(tokens, &[&t.0, &t.1]).await.map(drop) },
        async { client.execute(names, &[&n.0, &n.1, &n.2, &n.3, &n.4]).await.map(drop) },
        client.batch_execute("COMMIT"),
    )?;
    Ok(())
}
