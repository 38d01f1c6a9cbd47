//! Loads a whole data set in one transaction: everything or nothing.

use cached_core::invalidates;
use cached_postgres::{CachedPool, CachedTransaction};
use sqlx::{AssertSqlSafe, PgConnection};

use super::events::imported;
use super::tables::{TABLES, Table};
use crate::dataset::Dataset;

/// What an import did, table by table.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// In the order of loading.
    pub tables: Vec<TableCount>,
}

impl Counts {
    /// How many records of a table the data set holds.
    pub fn read(&self, table: &str) -> u64 {
        self.tables.iter().find(|count| count.table == table).map_or(0, |count| count.read)
    }

    /// One line with what people count.
    pub fn summary(&self) -> String {
        format!(
            "{} students, {} courses, {} enrolments, {} materials, {} assessments",
            self.read("student_profiles"),
            self.read("courses"),
            self.read("enrolments"),
            self.read("materials"),
            self.read("assessments"),
        )
    }
}

/// What an import did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCount {
    /// The table.
    pub table: &'static str,
    /// Records that the data set holds.
    pub read: u64,
    /// Of these, new to the database.
    pub new: u64,
    /// Of these, there before and refreshed because the source had changed.
    pub changed: u64,
    /// Rows in the table now, those of other sources included.
    pub total: u64,
}

/// Writes imports.
#[derive(Debug, Clone)]
pub struct ImportRepository {
    db: CachedPool,
}

impl ImportRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// Stores the records: new ones are added, those that are there are refreshed, none is removed.
    ///
    /// Imports that run at the same time wait for each other. Nothing that was cached before is
    /// served afterwards.
    ///
    /// # Errors
    ///
    /// The database is out of reach or refuses a record; then nothing is stored.
    ///
    /// # Cancel safety
    ///
    /// Nothing is stored if the future is dropped before it ends, unless the drop falls into the
    /// commit itself.
    pub async fn store(&self, dataset: &Dataset) -> Result<Counts, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        let counts = store(&mut tx, dataset).await?;
        tx.commit().await?;
        Ok(counts)
    }
}

#[invalidates(in = tx, with = imported())]
async fn store(tx: &mut CachedTransaction<'_>, dataset: &Dataset) -> Result<Counts, sqlx::Error> {
    // Any number that no other lock of this database uses.
    sqlx::query("SELECT pg_advisory_xact_lock(7461920)").execute(&mut **tx).await?;
    let mut counts = Counts::default();
    for table in &TABLES {
        counts.tables.push(merge(tx, table, dataset).await?);
    }
    Ok(counts)
}

/// Copies the records into a temporary table and merges that into the real one.
async fn merge(
    connection: &mut PgConnection,
    table: &Table,
    dataset: &Dataset,
) -> Result<TableCount, sqlx::Error> {
    let Table { name, columns, prepare, encode, .. } = table;
    let encoded = encode(dataset).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let list = columns.join(", ");
    let before = total(connection, name).await?;
    let create = format!(
        "CREATE TEMP TABLE incoming_{name} ON COMMIT DROP AS SELECT {list} FROM {name} WITH NO DATA"
    );
    sqlx::query(AssertSqlSafe(create)).execute(&mut *connection).await?;
    let copy = format!("COPY incoming_{name} ({list}) FROM STDIN (FORMAT csv)");
    let mut sink = connection.copy_in_raw(&copy).await?;
    sink.send(encoded).await?;
    let read = sink.finish().await?;
    for statement in *prepare {
        sqlx::query(*statement).execute(&mut *connection).await?;
    }
    let insert = format!(
        "INSERT INTO {name} ({list}) SELECT {list} FROM incoming_{name} ON CONFLICT {}",
        on_conflict(table)
    );
    let written = sqlx::query(AssertSqlSafe(insert)).execute(&mut *connection).await?;
    // The planner knows nothing of the new rows otherwise until autovacuum comes by.
    sqlx::query(AssertSqlSafe(format!("ANALYZE {name}"))).execute(&mut *connection).await?;
    let total = total(connection, name).await?;
    let new = total - before;
    let changed = written.rows_affected() - new;
    Ok(TableCount { table: name, read, new, changed, total })
}

/// Rows that differ in nothing are not written again, nor are those that people changed.
fn on_conflict(Table { name, columns, refreshed, marked, .. }: &Table) -> String {
    if refreshed.is_empty() {
        return format!("({}) DO NOTHING", columns[0]);
    }
    let join = |prefix: &str| {
        let columns: Vec<String> = refreshed.iter().map(|c| format!("{prefix}.{c}")).collect();
        columns.join(", ")
    };
    let set: Vec<String> = refreshed.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let (old, new) = (join(name), join("excluded"));
    let kept = if *marked { format!(" AND NOT {name}.changed_here") } else { String::new() };
    let (key, set) = (columns[0], set.join(", "));
    format!("({key}) DO UPDATE SET {set} WHERE ({old}) IS DISTINCT FROM ({new}){kept}")
}

async fn total(connection: &mut PgConnection, table: &str) -> Result<u64, sqlx::Error> {
    let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let total: i64 = sqlx::query_scalar(count).fetch_one(connection).await?;
    Ok(total.unsigned_abs())
}
