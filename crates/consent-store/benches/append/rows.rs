//! The rows of some entries, as both databases have them.

/// `(seq, bytes, leaf)`.
pub type Entry = (i64, Vec<u8>, Vec<u8>);
/// `(seq, event_id, key_id, sealed)`.
pub type Opening = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
/// `(id, token, wrapped, kek_epoch)`.
pub type Key = (Vec<u8>, Vec<u8>, Vec<u8>, i32);
/// `(token, seq)`.
pub type Token = (Vec<u8>, i64);
/// `(source, key_hmac, seq, event_id, content)`.
pub type Name = (String, Vec<u8>, i64, Vec<u8>, Vec<u8>);

/// Everything that one batch writes, but for tiles.
#[derive(Default)]
pub struct Rows {
    pub to: i64,
    pub entries: Vec<Entry>,
    pub openings: Vec<Opening>,
    pub keys: Vec<Key>,
    pub tokens: Vec<Token>,
    pub names: Vec<Name>,
}
