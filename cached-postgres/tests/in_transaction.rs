//! `#[invalidates(in = tx)]` with real transactions: what is named follows the commit, and nothing else.

mod common;

use cached_core::{Invalidation, cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction, Outbox};
use common::*;
use tokio::sync::Notify;

struct Courses(CachedPool);

impl Courses {
    #[cached(cache = self.0.cache(), key = "course:<id>")]
    async fn title(&self, id: i64) -> sqlx::Result<String> {
        title_in_database(self.0.pool(), id).await
    }

    #[invalidates(in = tx, self.title(id), tags = "school:<return>")]
    async fn rename(
        &self,
        tx: &mut CachedTransaction<'_>,
        id: i64,
        title: &str,
    ) -> sqlx::Result<String> {
        rename(tx, id, title).await;
        sqlx::query_scalar("SELECT school FROM courses WHERE id = $1")
            .bind(id)
            .fetch_one(&mut **tx)
            .await
    }

    /// A whole transaction, which the body commits.
    #[invalidates(in = tx, key = ["course:<id>", "new:<return>"])]
    async fn rename_and_commit(&self, mut tx: CachedTransaction<'_>, id: i64) -> sqlx::Result<i64> {
        rename(&mut tx, id, "new").await;
        tx.commit().await?;
        Ok(id)
    }

    #[invalidates(in = tx, self.title(id))]
    async fn fails(&self, tx: &mut CachedTransaction<'_>, id: i64) -> sqlx::Result<()> {
        rename(tx, id, "new").await;
        Err(sqlx::Error::RowNotFound)
    }

    #[invalidates(in = tx, self.title(id))]
    async fn waits(&self, tx: &mut CachedTransaction<'_>, id: i64, written: &Notify) {
        rename(tx, id, "new").await;
        written.notify_one();
        std::future::pending().await
    }
}

/// Keeps what the outbox is given, for its rows go when they have been applied.
const LOG: &str = "
    CREATE TABLE log (invalidation text);
    CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO public.log VALUES (NEW.invalidation); RETURN NULL; END $$;
    CREATE TRIGGER log AFTER INSERT ON cached.outbox FOR EACH ROW EXECUTE FUNCTION log();";

async fn courses() -> Courses {
    let (pool, _) = database().await;
    sqlx::raw_sql(LOG).execute(&pool).await.unwrap();
    // No relay runs: what is seen is the commits' own work.
    let courses = Courses(CachedPool::with_outbox(pool, cache().await, Outbox::new("test")));
    for id in 1..=5 {
        assert_eq!(courses.title(id).await.unwrap(), "old");
    }
    courses
}

/// What the commits so far wrote to the outbox: keys, and tags.
async fn written(db: &CachedPool) -> (Vec<String>, Vec<String>) {
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT invalidation FROM log").fetch_all(db.pool()).await.unwrap();
    let all = rows.iter().map(|row| Invalidation::from_json(row));
    let all = all.fold(Invalidation::new(), Invalidation::and);
    (all.keys().map(str::to_owned).collect(), all.tags().map(str::to_owned).collect())
}

#[tokio::test]
async fn what_a_function_names_is_applied_by_the_commit_and_is_in_its_row() {
    let courses = courses().await;
    let db = &courses.0;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(courses.rename(&mut tx, 1, "new").await.unwrap(), "s1");
    courses.rename(&mut tx, 2, "new").await.unwrap();
    assert_eq!(held(db.cache(), 1).await.as_deref(), Some("old"), "not before COMMIT");
    tx.commit().await.unwrap();
    assert_eq!(courses.title(1).await.unwrap(), "new");
    assert_eq!(courses.title(2).await.unwrap(), "new");
    let (keys, tags) = written(db).await;
    assert_eq!(
        (keys.join(" "), tags.join(" ")),
        ("course:1 course:2".into(), "school:s1 school:s0".into())
    );
}

#[tokio::test]
async fn what_is_rolled_back_is_not_invalidated_a_savepoint_included() {
    let courses = courses().await;
    let db = &courses.0;
    let before = db.cache().stats().invalidations;
    let mut tx = db.begin().await.unwrap();
    courses.rename(&mut tx, 1, "new").await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(db.cache().stats().invalidations, before);
    let mut tx = db.begin().await.unwrap();
    courses.rename(&mut tx, 2, "new").await.unwrap();
    let mut savepoint = tx.savepoint().await.unwrap();
    courses.rename(&mut savepoint, 3, "new").await.unwrap();
    drop(savepoint);
    let mut savepoint = tx.savepoint().await.unwrap();
    courses.rename(&mut savepoint, 4, "new").await.unwrap();
    savepoint.commit().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(written(db).await.0, ["course:2", "course:4"]);
    assert_eq!(held(db.cache(), 3).await.as_deref(), Some("old"));
    assert_eq!(courses.title(4).await.unwrap(), "new");
}

#[tokio::test]
async fn a_function_that_failed_or_was_cancelled_has_written_all_the_same() {
    let courses = courses().await;
    let db = &courses.0;
    let mut tx = db.begin().await.unwrap();
    courses.fails(&mut tx, 1).await.unwrap_err();
    let written_to = Notify::new();
    tokio::select! {
        () = courses.waits(&mut tx, 2, &written_to) => unreachable!(),
        () = written_to.notified() => {}
    }
    tx.commit().await.unwrap();
    for id in [1, 2] {
        assert_eq!(courses.title(id).await.unwrap(), "new");
    }
    assert_eq!(written(db).await.0, ["course:1", "course:2"]);
}

#[tokio::test]
async fn a_body_that_commits_loses_nothing() {
    let courses = courses().await;
    let db = &courses.0;
    db.cache().set("new:1", 1_i64, cached_core::Ttl::DAY).await;
    let tx = db.begin().await.unwrap();
    courses.rename_and_commit(tx, 1).await.unwrap();
    assert_eq!(courses.title(1).await.unwrap(), "new");
    assert_eq!(db.cache().get::<i64>("new:1").await, None, "known only after the commit");
    assert_eq!(written(db).await.0, ["course:1"]);
}
