//! The tables, as both databases have them. Their meaning is told in `migrations/`.

diesel::table! {
    head (id) { id -> Integer, size -> BigInt, root -> Binary, received_at -> BigInt, pepper -> Integer, }
}
diesel::table! {
    entries (seq) { seq -> BigInt, bytes -> Binary, leaf -> Binary, }
}
diesel::table! {
    tiles (level, n) { level -> Integer, n -> BigInt, bytes -> Binary, }
}
diesel::table! {
    checkpoints (size) { size -> BigInt, note -> Text, }
}
diesel::table! {
    tokens (token, seq) { token -> Binary, seq -> BigInt, }
}
diesel::table! {
    subject_keys (id) { id -> Binary, token -> Binary, wrapped -> Binary, kek_epoch -> Integer, }
}
diesel::table! {
    openings (seq) { seq -> BigInt, event_id -> Binary, key_id -> Binary, sealed -> Binary, }
}
diesel::table! {
    dedupe (source, key_hmac) { source -> Text, key_hmac -> Binary, seq -> BigInt, event_id -> Binary, content -> Binary, }
}
diesel::table! {
    reviews (seq) { seq -> BigInt, event_id -> Binary, why -> Text, resolved_by -> Nullable<Binary>, }
}
diesel::table! {
    api_keys (id) {
        id -> Text, name -> Text, hash -> Binary, scopes -> Text,
        created_at -> BigInt, expires_at -> Nullable<BigInt>, revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    key_checks (kind, number) { kind -> Text, number -> Integer, fingerprint -> Binary, }
}

diesel::table! {
    followers (name) { name -> Text, position -> BigInt, }
}
diesel::table! {
    outgoing (seq, account, kind) {
        seq -> BigInt, account -> Text, kind -> Text, due_at -> BigInt,
        attempts -> Integer, calling -> Integer, outcome -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(entries, openings, subject_keys);
