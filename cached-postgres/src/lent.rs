//! Connections for the crate's own work in the background, where nobody would notice one that went silent: answers are
//! waited for so long and no longer, and a connection whose work was not finished is closed, not given back.

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Error, PgPool, Postgres, SqlSafeStr, Transaction};
use std::future::Future;
use std::io;
use std::time::Duration;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The server gives up earlier: who waits for a lock there does not see that we have gone, and would be joined by one
/// more each time.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = '9s'";

/// A connection of the pool, which gets it back only from [`give_back`](Self::give_back).
pub(crate) struct Lent {
    connection: PoolConnection<Postgres>,
    finished: bool,
}

impl Lent {
    /// Takes a connection.
    ///
    /// # Errors
    /// sqlx's, and `Io` if there is none in time.
    pub(crate) async fn take(pool: &PgPool) -> sqlx::Result<Self> {
        Ok(Self { connection: answered(pool.acquire()).await?, finished: false })
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// sqlx's, and `Io` if no answer comes in time.
    pub(crate) async fn begin(&mut self) -> sqlx::Result<Transaction<'_, Postgres>> {
        answered(self.connection.begin_with(BEGIN.into_sql_str())).await
    }

    /// All that was asked is answered.
    pub(crate) fn give_back(mut self) {
        self.finished = true;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.finished {
            self.connection.close_on_drop();
        }
    }
}

/// The answer to what was sent to the database, if it comes in time.
///
/// # Errors
/// `Io` if it does not.
///
/// # Cancel safety
/// As that of the work.
pub(crate) async fn answered<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let silent = || {
        let message = format!("the database did not answer within {LIMIT:?}");
        Error::Io(io::Error::new(io::ErrorKind::TimedOut, message))
    };
    tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|_| Err(silent()))
}
