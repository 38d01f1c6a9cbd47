//! Puts the schema `cached` into a database. The SQL is in migrations/.

use crate::begin::begin_ours;
use sqlx::PgPool;

/// The SQL of the schema `cached`, for those who run migrations by other means.
pub const MIGRATION: &str = include_str!("../migrations/0001_cached.sql");

/// The version that [`MIGRATION`] leaves; whoever changes that file raises it in both, and writes down the file's new
/// `DIGEST` below. Otherwise databases that have this version would never get the change.
const VERSION: i32 = 6;

/// Guards DDL of this crate against another process that does the same. Any number of our own would do.
pub(crate) const LOCK: i64 = 0x6361_6368_6564;

/// Creates the tables and functions of the outbox and the watches, and brings those of an older version up to date.
/// Every process may call it at its start.
///
/// # Errors
/// sqlx's; the role needs the right to create a schema the first time, and must own it when a newer version comes.
///
/// # Cancel safety
/// Dropped half-way, nothing is changed.
pub async fn migrate(pool: &PgPool) -> sqlx::Result<()> {
    let mut tx = begin_ours(pool).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let known: bool = sqlx::query_scalar("SELECT to_regprocedure('cached.version()') IS NOT NULL")
        .fetch_one(&mut *tx)
        .await?;
    if known {
        let version: i32 =
            sqlx::query_scalar("SELECT cached.version()").fetch_one(&mut *tx).await?;
        if version >= VERSION {
            return tx.commit().await;
        }
    }
    sqlx::raw_sql(MIGRATION).execute(&mut *tx).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of [`MIGRATION`] as it is at [`VERSION`].
    const DIGEST: u64 = 0xcd31_be50_844f_df3b;

    /// FNV-1a, whose result is the same for ever; line ends do not count.
    fn digest(text: &str) -> u64 {
        text.lines()
            .flat_map(|line| line.bytes().chain([b'\n']))
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    }

    #[test]
    fn whoever_changes_the_sql_raises_its_version() {
        let version = format!("AS 'SELECT {VERSION}';");
        assert!(
            MIGRATION.trim_end().ends_with(&version),
            "the SQL says another version than VERSION"
        );
        assert_eq!(
            digest(MIGRATION),
            DIGEST,
            "the SQL has changed: raise VERSION, the version at its end, and DIGEST, to {:#x}",
            digest(MIGRATION)
        );
    }
}
