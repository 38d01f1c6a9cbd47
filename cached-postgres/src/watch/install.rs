//! Puts watches into the database, takes them out, and switches them.

use super::Watch;
use super::catalogue::{Table, watch};
use super::quote::identifier;
use super::sql::{Event, Installed, function, trigger};
use super::target::Target;
use super::template::Template;
use crate::begin::begin_ours;
use crate::error::Error;
use crate::migrate::LOCK;
use crate::pool::CachedPool;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use std::collections::HashSet;

impl Watch {
    /// Puts the watch into the database, in the place of an older one of its name; nothing is done where it is there
    /// as it should be. So every process may call this at its start.
    ///
    /// Creating triggers takes the table from its writers for a moment, and changing them from its readers too; each lock
    /// (the table's, and those of its partitions or children) is waited for 5 s at most.
    /// Since nobody watched before, a row that covers all that the watch can name goes to the outbox.
    ///
    /// # Errors
    /// [`ErrorKind::Watch`](crate::ErrorKind::Watch) for what does not fit the table, all of it at once;
    /// `NoOutbox`; `Database`, also where the role does not own the table.
    ///
    /// # Cancel safety
    /// Dropped half-way, nothing is changed. So for the other methods.
    pub async fn install(&self, db: &CachedPool) -> Result<(), Error> {
        let cache = outbox_name(db)?;
        let mut tx = begin(db).await?;
        let (table, targets) = self.check(&mut tx).await?;
        let prefix = prefix(&mut tx, cache, self.name()).await?;
        let name = self.name();
        let installed =
            Installed { cache, name, prefix: &prefix, table: &table, targets: &targets };
        let spec = installed.create();
        let known = known(&mut tx, cache, name).await?;
        let off = known.as_ref().is_some_and(|known| !known.enabled);
        if let Some(known) = known {
            self.check_same(&mut tx, &known, &table).await?;
            if known.spec == spec
                && known.relation == table.oid
                && stand(&triggers(&mut tx, &prefix).await?, !off, &installed.triggers())
            {
                return Ok(tx.commit().await?);
            }
        }
        drop_functions(&mut tx, &prefix).await?;
        create(&mut tx, &spec).await?;
        sqlx::query(
            "INSERT INTO cached.watches (cache, name, relation, spec) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (cache, name) DO UPDATE SET relation = excluded.relation, spec = excluded.spec",
        )
        .bind(cache)
        .bind(name)
        .bind(table.oid)
        .bind(spec)
        .execute(&mut *tx)
        .await?;
        if off {
            switch(&mut tx, &prefix, false).await?;
        } else {
            run(&mut tx, installed.catch_up()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes the watch out of the database, and leaves nothing of it.
    ///
    /// # Errors
    /// `NoOutbox`, `Database`. A watch that is not there is no error.
    pub async fn uninstall(&self, db: &CachedPool) -> Result<(), Error> {
        let cache = outbox_name(db)?;
        let mut tx = begin(db).await?;
        let prefix = prefix(&mut tx, cache, self.name()).await?;
        drop_functions(&mut tx, &prefix).await?;
        sqlx::query("DELETE FROM cached.watches WHERE cache = $1 AND name = $2")
            .bind(cache)
            .bind(self.name())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Disables its triggers, for all writers, until [`turn_on`](Self::turn_on); installing it again leaves it off.
    /// For one session, `SET cached.watches = off` does the same without touching the table: whoever does that owes
    /// the invalidation.
    ///
    /// # Errors
    /// `NoOutbox`, `Database`, and `Watch` if it is not installed.
    pub async fn turn_off(&self, db: &CachedPool) -> Result<(), Error> {
        let cache = outbox_name(db)?;
        let mut tx = begin(db).await?;
        self.switch_to(&mut tx, cache, false).await?;
        Ok(tx.commit().await?)
    }

    /// Enables its triggers, and writes a row that covers all that was not watched meanwhile.
    ///
    /// # Errors
    /// `NoOutbox`, `Database`, and `Watch` if it is not installed or does not fit the table any more.
    pub async fn turn_on(&self, db: &CachedPool) -> Result<(), Error> {
        let cache = outbox_name(db)?;
        let mut tx = begin(db).await?;
        if self.switch_to(&mut tx, cache, true).await? {
            let (table, targets) = self.check(&mut tx).await?;
            let name = self.name();
            let installed = Installed { cache, name, prefix: "", table: &table, targets: &targets };
            run(&mut tx, installed.catch_up()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Switches the triggers; whether that changed anything.
    async fn switch_to(&self, tx: &mut PgConnection, cache: &str, on: bool) -> Result<bool, Error> {
        let Some(known) = known(tx, cache, self.name()).await? else {
            return Err(watch(format!(
                "the watch `{}` is not installed for the outbox `{cache}`: call `install` first",
                self.name()
            )));
        };
        let prefix = prefix(tx, cache, self.name()).await?;
        let found = triggers(tx, &prefix).await?;
        if on && found.is_empty() {
            return Err(watch(format!(
                "the triggers of the watch `{}` are gone, as those of a table that was dropped or made anew: call \
                 `install` first",
                self.name()
            )));
        }
        // Somebody may have switched them without a word to the list.
        let as_wanted = found.iter().all(|trigger| trigger.enabled == on);
        if known.enabled == on && as_wanted {
            return Ok(false);
        }
        switch(tx, &prefix, on).await?;
        sqlx::query("UPDATE cached.watches SET enabled = $3 WHERE cache = $1 AND name = $2")
            .bind(cache)
            .bind(self.name())
            .bind(on)
            .execute(tx)
            .await?;
        Ok(true)
    }

    /// An error if a bare name means another table here than where the watch was installed, and that one is there
    /// still: a schema for each tenant, with one outbox.
    async fn check_same(
        &self,
        tx: &mut PgConnection,
        known: &Known,
        table: &Table,
    ) -> Result<(), Error> {
        if known.relation == table.oid || self.table.contains('.') {
            return Ok(());
        }
        let other: Option<String> = sqlx::query_scalar(SAME_NAME)
            .bind(known.relation)
            .bind(table.oid)
            .fetch_optional(tx)
            .await?;
        let Some(other) = other else { return Ok(()) };
        Err(watch(format!(
            "the watch `{}` is on {other}, and `{}` means {} here: name each with its schema, or uninstall it first",
            self.name(),
            self.table,
            table.qualified
        )))
    }

    /// The table and the templates, or all that is wrong with them.
    async fn check(&self, connection: &mut PgConnection) -> Result<(Table, Vec<Target>), Error> {
        let table = Table::find(connection, &self.table).await?;
        let (mut targets, mut problems) = (Vec::new(), Vec::new());
        if self.targets.is_empty() {
            problems.push(
                "it invalidates nothing: add `.key(..)`, `.tag(..)` or `.pattern(..)`".into(),
            );
        }
        for (kind, text) in &self.targets {
            match Template::parse(*kind, text) {
                Ok(template) => match Target::resolve(template, &table) {
                    Ok(target) => targets.push(target),
                    Err(more) => problems.extend(more),
                },
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok((table, targets));
        }
        Err(watch(format!("the watch on {}: {}", table.qualified, problems.join("; "))))
    }
}

fn outbox_name(db: &CachedPool) -> Result<&str, Error> {
    db.outbox().map(crate::Outbox::name).ok_or_else(Error::no_outbox)
}

/// A transaction that installs alone, and does not queue up the table's writers behind itself for long.
async fn begin(db: &CachedPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut tx = begin_ours(db.pool()).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    sqlx::raw_sql("SET LOCAL lock_timeout = '5s'; SET LOCAL standard_conforming_strings = on")
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// A table, if it is called as another is, in another schema.
const SAME_NAME: &str = "
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class o ON o.oid = $2 AND o.relname = c.relname
    WHERE c.oid = $1";

/// What is in the list of watches.
#[derive(sqlx::FromRow)]
struct Known {
    enabled: bool,
    spec: String,
    relation: Oid,
}

async fn known(tx: &mut PgConnection, cache: &str, name: &str) -> sqlx::Result<Option<Known>> {
    sqlx::query_as(
        "SELECT enabled, spec, relation::oid FROM cached.watches WHERE cache = $1 AND name = $2",
    )
    .bind(cache)
    .bind(name)
    .fetch_optional(tx)
    .await
}

/// What leads the names of functions and triggers: short, and different for each outbox and watch.
async fn prefix(tx: &mut PgConnection, cache: &str, name: &str) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT 'watch_' || left(md5(quote_literal($1) || quote_literal($2)), 16)")
        .bind(cache)
        .bind(name)
        .fetch_one(tx)
        .await
}

/// A trigger of a watch, on whatever table it is.
#[derive(sqlx::FromRow)]
struct Found {
    table: Oid,
    /// The table's name, quoted.
    qualified: String,
    name: String,
    /// Whether it fires for writers; not those in replicas.
    enabled: bool,
}

/// Whether the triggers are those that are wanted, on or off.
fn stand(found: &[Found], on: bool, wanted: &HashSet<(Oid, String)>) -> bool {
    let places = found.iter().map(|trigger| (trigger.table, trigger.name.clone()));
    found.iter().all(|trigger| trigger.enabled == on) && places.collect::<HashSet<_>>() == *wanted
}

/// The triggers of a watch.
async fn triggers(tx: &mut PgConnection, prefix: &str) -> sqlx::Result<Vec<Found>> {
    let names: Vec<String> = Event::ALL.iter().map(|event| trigger(prefix, *event)).collect();
    sqlx::query_as(
        "SELECT c.oid AS table, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified, \
                tgname::text AS name, tgenabled IN ('O', 'A') AS enabled \
         FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace \
         JOIN pg_proc p ON p.oid = tgfoid \
         WHERE p.pronamespace = 'cached'::regnamespace AND tgname = ANY($1)",
    )
    .bind(names)
    .fetch_all(tx)
    .await
}

/// Drops the functions, and with them the triggers, on whatever table they are.
async fn drop_functions(tx: &mut PgConnection, prefix: &str) -> sqlx::Result<()> {
    for event in Event::ALL {
        run(tx, format!("DROP FUNCTION IF EXISTS {}() CASCADE", function(prefix, event))).await?;
    }
    Ok(())
}

/// Creates functions and triggers. A trigger's condition keeps the operators that were found when it was created: those
/// of Postgres, not what the installer's session would find.
async fn create(tx: &mut PgConnection, spec: &str) -> sqlx::Result<()> {
    let path: String =
        sqlx::query_scalar("SELECT current_setting('search_path')").fetch_one(&mut *tx).await?;
    run(tx, "SET LOCAL search_path = pg_catalog, pg_temp".to_owned()).await?;
    run(tx, spec.to_owned()).await?;
    let restore = sqlx::query("SELECT set_config('search_path', $1, true)").bind(path);
    restore.execute(tx).await.map(drop)
}

async fn switch(tx: &mut PgConnection, prefix: &str, on: bool) -> sqlx::Result<()> {
    let verb = if on { "ENABLE" } else { "DISABLE" };
    for Found { qualified, name, .. } in triggers(tx, prefix).await? {
        run(tx, format!("ALTER TABLE {qualified} {verb} TRIGGER {}", identifier(&name))).await?;
    }
    Ok(())
}

/// Runs SQL that `sql` has made: names and constants in it are quoted there.
async fn run(tx: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(tx).await.map(drop)
}
