//! What the stories in `it/` are told with.
//!
//! [`app::tell`] starts a [`app::TestApp`]: the whole service in this process, on a database of its own, with a
//! [`carrier::Carrier`] that signs like the real one and [`caller::Caller`]s with API keys. When a story ends, the
//! whole ledger is verified ([`checker`]) and every answer that was seen must be declared in `openapi.yaml`
//! ([`seen`]); a `TestApp` that is dropped without that panics. Stories are told once for SQLite and once for
//! PostgreSQL ([`stories!`]); `scripts/test` starts the PostgreSQL. [`process`] runs the program itself, for drills.
//!
//! What this crate does not do: it holds no test of one module alone; those stand beside the code.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails a test, and should say so at once"
)]

pub mod app;
pub mod bare;
pub mod caller;
pub mod carrier;
pub mod checker;
pub mod database;
pub mod dice;
pub mod drill;
pub mod mock;
pub mod people;
pub mod place;
pub mod process;
pub mod proxy;
pub mod seen;
pub mod wire;

/// Tells each story once for each database: `story::sqlite` and `story::postgres`.
#[macro_export]
macro_rules! stories {
    ($($(#[$about:meta])* async fn $name:ident($app:ident) $body:block)*) => {$(
        $(#[$about])*
        async fn $name($app: &mut $crate::app::TestApp) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::app::tell($crate::database::Kind::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::app::tell($crate::database::Kind::Postgres, super::$name);
            }
        }
    )*};
}
