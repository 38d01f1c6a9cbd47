//! The source of truth: a Postgres table of keys and versions. Each write raises a version in a transaction.

use super::subject::{Item, Subject};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Row, Transaction};

#[derive(Debug, Clone)]
pub(super) struct Source {
    pool: PgPool,
}

impl Source {
    /// Takes connections to a database as they are needed.
    pub(super) fn connect(url: &str, connections: u32) -> Self {
        let options: PgConnectOptions =
            url.parse().expect("the URL of the test's database is valid");
        let pool = PgPoolOptions::new().max_connections(connections).connect_lazy_with(options);
        Self { pool }
    }

    /// Makes the table, with every row at version 1.
    pub(super) async fn create(&self) -> sqlx::Result<()> {
        let table = "CREATE TABLE items (key TEXT PRIMARY KEY, version BIGINT NOT NULL, owner INT NOT NULL)";
        sqlx::query(table).execute(&self.pool).await?;
        sqlx::query("CREATE TABLE loads (key TEXT PRIMARY KEY, count BIGINT NOT NULL)")
            .execute(&self.pool)
            .await?;
        for subject in Subject::all() {
            sqlx::query("INSERT INTO items VALUES ($1, 1, $2)")
                .bind(subject.key())
                .bind(subject.owner() as i32)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn load(&self, key: &str) -> sqlx::Result<Item> {
        let row = sqlx::query("SELECT version, owner FROM items WHERE key = $1")
            .bind(key)
            .fetch_one(&self.pool)
            .await?;
        Ok(Item { version: row.get::<i64, _>(0) as u64, owner: row.get::<i32, _>(1) as u32 })
    }

    /// The next version of a row, in a transaction that is still to be committed.
    pub(super) async fn raise(
        &self,
        key: &str,
    ) -> sqlx::Result<(Item, Transaction<'static, Postgres>)> {
        let mut transaction = self.pool.begin().await?;
        let raise =
            "UPDATE items SET version = version + 1 WHERE key = $1 RETURNING version, owner";
        let row = sqlx::query(raise).bind(key).fetch_one(&mut *transaction).await?;
        let item =
            Item { version: row.get::<i64, _>(0) as u64, owner: row.get::<i32, _>(1) as u32 };
        Ok((item, transaction))
    }

    /// Counts a load of a key, across processes; what the count is now.
    pub(super) async fn count_load(&self, key: &str) -> sqlx::Result<u64> {
        let count = "INSERT INTO loads VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET count = loads.count + 1 \
                     RETURNING count";
        let row = sqlx::query(count).bind(key).fetch_one(&self.pool).await?;
        Ok(row.get::<i64, _>(0) as u64)
    }

    /// How often a key's loads were counted.
    pub(super) async fn loads(&self, key: &str) -> sqlx::Result<u64> {
        let count = "SELECT COALESCE(SUM(count), 0)::BIGINT FROM loads WHERE key = $1";
        let row = sqlx::query(count).bind(key).fetch_one(&self.pool).await?;
        Ok(row.get::<i64, _>(0) as u64)
    }
}
