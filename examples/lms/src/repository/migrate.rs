//! Connecting to the database and bringing its schema up to date.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgPoolOptions;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// A pool of connections; the first one is made at once, so that a wrong address shows here.
///
/// # Errors
///
/// The address is wrong, or the server does not answer within ten seconds.
pub async fn connect(database_url: &str) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(20)
        .acquire_timeout(Duration::from_secs(10))
        .connect(database_url)
        .await
}

/// Brings the schema up to date; does nothing when it is. Several processes may call it at once.
///
/// # Errors
///
/// A migration fails, or the database was migrated by another version of this application.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await
}
