//! What the database says of a table and its columns.

use crate::error::{Error, ErrorKind};
use sqlx::PgConnection;
use sqlx::postgres::types::Oid;

/// A table, as the catalogue has it.
pub(super) struct Table {
    pub(super) oid: Oid,
    /// With its schema, quoted.
    pub(super) qualified: String,
    /// The tables in which its rows lie too, with their schemas, quoted: partitions, or children. A statement that
    /// names one of them fires no trigger of this table.
    pub(super) below: Vec<(Oid, String)>,
    /// Whether there are such tables, or may come to be.
    pub(super) rows_elsewhere: bool,
    pub(super) columns: Vec<Column>,
}

/// A column, with domains taken down to the type below them.
#[derive(sqlx::FromRow)]
pub(super) struct Column {
    pub(super) name: String,
    /// As it was declared.
    pub(super) declared: String,
    /// The type as `pg_typeof` tells it where only `pg_catalog` is searched.
    pub(super) told: String,
    /// The name of the type below.
    pub(super) base: String,
    pub(super) is_enum: bool,
    pub(super) is_builtin: bool,
    /// Whether texts that are equal are the same bytes.
    pub(super) deterministic: bool,
    /// As `pg_attribute.attgenerated` has it: empty, `s` (stored) or `v` (virtual, from Postgres 18 on).
    pub(super) generated: String,
}

impl Table {
    /// Looks a table up by its name as SQL takes it.
    pub(super) async fn find(connection: &mut PgConnection, name: &str) -> Result<Self, Error> {
        let found: Option<Relation> =
            sqlx::query_as(RELATION).bind(name).fetch_optional(&mut *connection).await?;
        let Some(found) = found else {
            return Err(watch(format!(
                "there is no table `{name}`: write it as SQL takes it, with its schema if that is not searched \
                 (`school.courses`), and install the watch after the migration that creates it"
            )));
        };
        let Relation { oid, qualified, kind, encoding } = found;
        if !matches!(kind.as_str(), "r" | "p") {
            return Err(watch(format!(
                "`{name}` is no table: watch the tables that it is made of"
            )));
        }
        let above: Vec<String> =
            sqlx::query_scalar(ABOVE).bind(oid).fetch_all(&mut *connection).await?;
        if !above.is_empty() {
            let above = above.join(", ");
            return Err(watch(format!(
                "`{name}` is a part of {above}, and statements that name {above} fire no trigger of it: watch {above}, \
                 which hears statements that name its parts too"
            )));
        }
        let below: Vec<(Oid, String)> = parts(connection, oid, &["r", "p"]).await?;
        let foreign = parts(connection, oid, &["f"]).await?;
        if !foreign.is_empty() {
            let foreign: Vec<String> = foreign.into_iter().map(|(_, name)| name).collect();
            return Err(watch(format!(
                "`{name}` has foreign tables among its parts ({}), and Postgres refuses statements that change rows of \
                 these in a table that is watched: watch a table that has none",
                foreign.join(", ")
            )));
        }
        let rows_elsewhere = kind == "p" || !below.is_empty();
        if encoding != "UTF8" {
            return Err(watch(format!("the database is encoded in {encoding}: keys need UTF8")));
        }
        let columns = sqlx::query_as(COLUMNS).bind(oid).fetch_all(connection).await?;
        Ok(Self { oid, qualified, below, rows_elsewhere, columns })
    }
}

#[derive(sqlx::FromRow)]
struct Relation {
    oid: Oid,
    qualified: String,
    kind: String,
    encoding: String,
}

/// The partitions or children of a table that are of some kinds, each with its name.
async fn parts(
    connection: &mut PgConnection,
    table: Oid,
    kinds: &[&str],
) -> sqlx::Result<Vec<(Oid, String)>> {
    sqlx::query_as(BELOW).bind(table).bind(kinds).fetch_all(connection).await
}

const RELATION: &str = "
    SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified, c.relkind::text AS kind,
           current_setting('server_encoding') AS encoding
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass($1)";

/// Of which tables it is a partition, or a child: those at the top.
const ABOVE: &str = "
    WITH RECURSIVE above AS (
        SELECT inhparent FROM pg_inherits WHERE inhrelid = $1
      UNION
        SELECT i.inhparent FROM pg_inherits i JOIN above a ON i.inhrelid = a.inhparent
    )
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified
    FROM above JOIN pg_class c ON c.oid = inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) ORDER BY qualified";

const BELOW: &str = "
    WITH RECURSIVE below AS (
        SELECT inhrelid FROM pg_inherits WHERE inhparent = $1
      UNION
        SELECT i.inhrelid FROM pg_inherits i JOIN below b ON i.inhparent = b.inhrelid
    )
    SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified
    FROM below JOIN pg_class c ON c.oid = inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind::text = ANY($2) ORDER BY qualified";

const COLUMNS: &str = "
    WITH RECURSIVE typed AS (
        SELECT attnum, attname, atttypid, atttypmod, attcollation, atttypid AS base,
               -- Postgres 11 has no such column.
               coalesce(to_jsonb(a) ->> 'attgenerated', '') AS generated
        FROM pg_attribute a WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
      UNION ALL
        SELECT attnum, attname, atttypid, atttypmod, attcollation, t.typbasetype, generated
        FROM typed JOIN pg_type t ON t.oid = base WHERE t.typtype = 'd'
    )
    SELECT attname::text AS name, format_type(atttypid, atttypmod) AS declared,
           CASE WHEN d.typnamespace = 'pg_catalog'::regnamespace THEN format_type(d.oid, NULL)
                ELSE quote_ident(dn.nspname) || '.' || quote_ident(d.typname) END AS told,
           t.typname::text AS base,
           t.typtype = 'e' AS is_enum, t.typnamespace = 'pg_catalog'::regnamespace AS is_builtin,
           coalesce(c.collisdeterministic, true) AS deterministic, generated
    FROM typed JOIN pg_type t ON t.oid = base AND t.typtype <> 'd'
    JOIN pg_type d ON d.oid = atttypid JOIN pg_namespace dn ON dn.oid = d.typnamespace
    LEFT JOIN pg_collation c ON c.oid = attcollation
    ORDER BY attnum";

pub(super) fn watch(message: String) -> Error {
    Error::new(ErrorKind::Watch, message)
}
