//! A repository over Postgres whose reads are cached and whose writes invalidate when they have committed; with an
//! outbox for crashes, and a watch for everybody else who writes to the table.
//!
//! Run it: `cargo run -p cached-postgres --example repository`. It starts a private Postgres, or works in a schema of
//! its own, and `cached`, of the database at `DATABASE_URL`. With `REDIS_URL` the cache is shared with other processes.

use cached_core::{Cache, cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction, Outbox, Watch};
use cached_testkit::PostgresServer;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use std::error::Error;
use std::time::Duration;

#[derive(Debug, Clone, Serialize, Deserialize, sqlx::FromRow)]
struct Course {
    id: i64,
    title: String,
    teacher_id: i64,
}

struct Courses {
    db: CachedPool,
}

impl Courses {
    #[cached(cache = self.db.cache(), key = "course:<id>", tags = ["teacher:<return.teacher_id>"])]
    async fn course(&self, id: i64) -> sqlx::Result<Course> {
        println!("  (course {id} is read from the database)");
        let query =
            sqlx::query_as("SELECT id, title, teacher_id FROM repository.courses WHERE id = $1");
        query.bind(id).fetch_one(self.db.pool()).await
    }

    #[cached(cache = self.db.cache(), key = "courses:of:<teacher_id>", tags = ["teacher:<teacher_id>"])]
    async fn courses_of(&self, teacher_id: i64) -> sqlx::Result<Vec<Course>> {
        println!("  (the courses of teacher {teacher_id} are read from the database)");
        let query = sqlx::query_as(
            "SELECT id, title, teacher_id FROM repository.courses WHERE teacher_id = $1 ORDER BY id",
        );
        query.bind(teacher_id).fetch_all(self.db.pool()).await
    }

    /// Within a transaction of the caller's: what is named here is applied when that has committed.
    #[invalidates(in = tx, self.course(id), tags = "teacher:<return.teacher_id>")]
    async fn rename_in(
        &self,
        tx: &mut CachedTransaction<'_>,
        id: i64,
        title: &str,
    ) -> sqlx::Result<Course> {
        let query = sqlx::query_as(
            "UPDATE repository.courses SET title = $2 WHERE id = $1 RETURNING id, title, teacher_id",
        );
        query.bind(id).bind(title).fetch_one(&mut **tx).await
    }

    /// A transaction of its own.
    async fn rename(&self, id: i64, title: &str) -> sqlx::Result<Course> {
        let mut tx = self.db.begin().await?;
        let course = self.rename_in(&mut tx, id, title).await?;
        tx.commit().await?;
        Ok(course)
    }

    /// All or nothing; a title that is too long costs that one course its savepoint, and no other.
    async fn rename_all(&self, titles: &[(i64, &str)]) -> sqlx::Result<usize> {
        let mut renamed = 0;
        let mut tx = self.db.begin().await?;
        for (id, title) in titles {
            let mut savepoint = tx.savepoint().await?;
            match self.rename_in(&mut savepoint, *id, title).await {
                Ok(_) => {
                    savepoint.commit().await?;
                    renamed += 1;
                }
                Err(_) => savepoint.rollback().await?,
            }
        }
        tx.commit().await?;
        Ok(renamed)
    }
}

const TABLE: &str = "
    DROP SCHEMA IF EXISTS repository CASCADE;
    CREATE SCHEMA repository;
    CREATE TABLE repository.courses (
        id bigint PRIMARY KEY, title text NOT NULL CHECK (length(title) < 20), teacher_id bigint NOT NULL);
    INSERT INTO repository.courses VALUES (1, 'Algebra', 7), (2, 'Logic', 7), (3, 'Poetry', 8);";

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let private = match std::env::var("DATABASE_URL") {
        Ok(_) => None,
        Err(_) => Some(PostgresServer::start()?),
    };
    let url = match &private {
        Some(server) => server.url("postgres"),
        None => std::env::var("DATABASE_URL")?,
    };
    let pool = PgPoolOptions::new().connect(&url).await?;
    sqlx::raw_sql(TABLE).execute(&pool).await?;
    cached_postgres::migrate(&pool).await?;

    let mut cache = Cache::builder().namespace("repository");
    if let Ok(redis) = std::env::var("REDIS_URL") {
        cache = cache.redis(&redis);
    }
    let outbox = Outbox::new("repository");
    let db = CachedPool::with_outbox(pool, cache.build()?, outbox);
    // Any process may run it: it applies what a crashed one left, and what watches write.
    let relay = db.start_relay()?;
    let courses = Courses { db: db.clone() };
    own_writes(&courses).await?;
    // As a rule at the start of every process: it does nothing where it is there.
    let watch = Watch::table("repository.courses").key("course:<id>").tag("teacher:<teacher_id>");
    watch.install(&db).await?;
    writes_of_others(&courses).await?;

    watch.uninstall(&db).await?;
    relay.stop().await;
    sqlx::raw_sql("DROP SCHEMA repository CASCADE").execute(db.pool()).await?;
    Ok(())
}

async fn own_writes(courses: &Courses) -> Result<(), Box<dyn Error>> {
    println!("Two reads, one query:");
    courses.course(1).await?;
    println!("  {}", courses.course(1).await?.title);

    println!("A write that commits:");
    courses.rename(1, "Linear Algebra").await?;
    println!("  {}", courses.course(1).await?.title);

    println!("One that is rolled back invalidates nothing:");
    let mut tx = courses.db.begin().await?;
    courses.rename_in(&mut tx, 1, "Typo").await?;
    tx.rollback().await?;
    println!("  {}", courses.course(1).await?.title);

    println!("Many, one of them refused by the database:");
    courses.courses_of(7).await?;
    let titles = [(1, "Groups"), (2, "Logic, and much more of it"), (3, "Prose")];
    println!("  {} of {} renamed", courses.rename_all(&titles).await?, titles.len());
    let titles: Vec<String> = courses.courses_of(7).await?.into_iter().map(|c| c.title).collect();
    println!("  {}", titles.join(", "));
    Ok(())
}

async fn writes_of_others(courses: &Courses) -> Result<(), Box<dyn Error>> {
    println!("Somebody else's UPDATE, which knows no cache:");
    let update = "UPDATE repository.courses SET title = 'Rings' WHERE id = 1";
    sqlx::query(update).execute(courses.db.pool()).await?;
    while courses.course(1).await?.title != "Rings" {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("  {}", courses.course(1).await?.title);
    Ok(())
}
