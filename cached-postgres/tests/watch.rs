//! What watches promise: any writer invalidates, exactly or more widely, and never less.

mod common;

use cached_core::{Invalidation, Key};
use cached_postgres::{CachedPool, ErrorKind, Outbox, Watch};
use cached_testkit::{shared_postgres, unique_name};
use common::*;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::time::Duration;

/// A pool whose outbox nobody relays, so that its rows can be looked at.
async fn db() -> CachedPool {
    let (pool, _) = database().await;
    CachedPool::with_outbox(pool, cache().await, Outbox::new("test"))
}

/// What the outbox holds, and nothing of it afterwards.
async fn written(pool: &PgPool) -> Vec<Invalidation> {
    let rows: Vec<String> = sqlx::query_scalar("DELETE FROM cached.outbox RETURNING invalidation")
        .fetch_all(pool)
        .await
        .unwrap();
    rows.iter().map(|json| Invalidation::from_json(json)).collect()
}

/// Runs SQL; its one row, as (keys, tags, patterns).
async fn after(pool: &PgPool, sql: &str) -> [BTreeSet<String>; 3] {
    written(pool).await;
    run(pool, sql).await;
    let rows = written(pool).await;
    assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
    let set = |items: Vec<&str>| items.into_iter().map(str::to_owned).collect();
    assert!(!rows[0].is_everything(), "{sql}");
    [
        set(rows[0].keys().collect()),
        set(rows[0].tags().collect()),
        set(rows[0].patterns().collect()),
    ]
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn on_courses() -> Watch {
    Watch::table("courses")
        .key("course:<id>")
        .key("courses:active")
        .tag("school:<school>")
        .pattern("page:<school>:*")
}

#[tokio::test]
async fn every_kind_of_write_names_its_rows() {
    let db = db().await;
    let pool = db.pool();
    on_courses().install(&db).await.unwrap();
    let expected = [
        (
            "INSERT INTO courses VALUES (6, 'x', 'a b'), (7, 'y', NULL)",
            ["course:6", "course:7"].as_slice(),
            ["a%20b", "%N"].as_slice(),
        ),
        ("UPDATE courses SET title = 'new' WHERE id = 6", &["course:6"], &["a%20b"]),
        (
            "UPDATE courses SET id = 8, school = '' WHERE id = 7",
            &["course:7", "course:8"],
            &["%N", "%E"],
        ),
        ("DELETE FROM courses WHERE id > 5", &["course:6", "course:8"], &["a%20b", "%E"]),
        (
            "INSERT INTO courses VALUES (1, 'z', 's1') ON CONFLICT (id) DO UPDATE SET title = 'z'",
            &["course:1"],
            &["s1"],
        ),
    ];
    for (sql, keys, schools) in expected {
        let [mut got_keys, tags, patterns] = after(pool, sql).await;
        assert!(got_keys.remove("courses:active"), "{sql}");
        assert_eq!(got_keys, set(keys), "{sql}");
        assert_eq!(tags, schools.iter().map(|s| format!("school:{s}")).collect(), "{sql}");
        assert_eq!(patterns, schools.iter().map(|s| format!("page:{s}:*")).collect(), "{sql}");
    }
    run(pool, "UPDATE courses SET title = 'x' WHERE id < 0; DELETE FROM courses WHERE false").await;
    assert!(written(pool).await.is_empty(), "nothing changed");
    run(pool, "TRUNCATE courses").await;
    let rows = written(pool).await;
    assert!(rows.len() == 1 && rows[0].is_everything(), "which schools there were, nobody knows");
}

#[tokio::test]
async fn what_is_rolled_back_writes_nothing() {
    let db = db().await;
    on_courses().install(&db).await.unwrap();
    written(db.pool()).await;
    run(db.pool(), "BEGIN; UPDATE courses SET title = 'x'; ROLLBACK").await;
    assert!(written(db.pool()).await.is_empty());
}

#[tokio::test]
async fn many_keys_of_one_statement_become_one_pattern() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").tag("school:<school>").install(&db).await.unwrap();
    let insert = "INSERT INTO courses SELECT n, 'x', 's' || n % 3 FROM generate_series(10, 3000) n";
    let [keys, tags, patterns] = after(pool, insert).await;
    assert_eq!((keys, patterns), (set(&[]), set(&["course:*"])));
    assert_eq!(tags, set(&["school:s0", "school:s1", "school:s2"]));
    let [keys, _, patterns] =
        after(pool, "UPDATE courses SET title = 'y' WHERE id BETWEEN 10 AND 1009").await;
    assert_eq!((keys.len(), patterns.len()), (1_000, 0));
    let [keys, _, patterns] =
        after(pool, "UPDATE courses SET title = 'y' WHERE id BETWEEN 10 AND 1010").await;
    assert_eq!((keys.len(), patterns), (0, set(&["course:*"])));
    // Few rows first, so that a look at the beginning is not enough.
    run(pool, "INSERT INTO courses SELECT n, 'x', CASE WHEN n < 14000 THEN 'same' ELSE 's' || n END FROM generate_series(4000, 27000) n").await;
    let rows = written(pool).await;
    assert!(rows[0].is_everything(), "a tag has no pattern");
}

#[tokio::test]
async fn an_update_in_psql_is_seen_by_a_reader_in_another_process() {
    let (pool, url) = database().await;
    let namespace = unique_name("pg");
    let (relaying, reading) = (in_namespace(&namespace).await, in_namespace(&namespace).await);
    // It polls so rarely that only a wake-up can be what it works on.
    let outbox = Outbox::new("test").interval(Duration::from_secs(3_600));
    let db = CachedPool::with_outbox(pool.clone(), relaying, outbox);
    let relay = db.start_relay().unwrap();
    until("the relay listens", || relay.stats().listening).await;
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    until("the installation is applied", || relay.stats().applied == 1).await;
    assert_eq!(title(&reading, &pool, 1).await, "old");
    let database = url.rsplit('/').next().unwrap().to_owned();
    let psql = "UPDATE courses SET title = 'typed' WHERE id = 1";
    tokio::task::spawn_blocking(move || shared_postgres().psql_in(&database, psql)).await.unwrap();
    cached_testkit::eventually("the new title is read", || async {
        title(&reading, &pool, 1).await == "typed"
    })
    .await;
}

#[tokio::test]
async fn a_key_of_a_trigger_is_the_key_of_the_macros() {
    let db = db().await;
    let pool = db.pool();
    run(pool, "CREATE TYPE level AS ENUM ('a', 'b:c'); CREATE DOMAIN email AS text; \
               CREATE TABLE people (\"Who\" email, level level, born date, seen timestamptz, ok bool, uid uuid)").await;
    Watch::table("people")
        .key("p:<Who>:<level>:<born>:<seen>:<ok>:<uid>")
        .key("h:<Who:hash>")
        .key("l:<Who>:x")
        .pattern("w:<Who>:*")
        .install(&db)
        .await
        .unwrap();
    for who in ["Zoë O'Hara <z@e.org>".to_owned(), "x:".repeat(400)] {
        written(pool).await;
        sqlx::query(
            "INSERT INTO people VALUES ($1, 'b:c', '2026-03-01', '2026-03-01 13:45:00.5+00', true, \
                     'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')",
        )
        .bind(&who)
        .execute(pool)
        .await
        .unwrap();
        let row = written(pool).await.remove(0);
        let day: chrono::NaiveDate = "2026-03-01".parse().unwrap();
        let seen: chrono::DateTime<chrono::Utc> = "2026-03-01T13:45:00.5Z".parse().unwrap();
        let uid: uuid::Uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".parse().unwrap();
        let long = Key::render(|k| {
            k.literal("p:")
                .part(&who)
                .literal(":")
                .part("b:c")
                .literal(":")
                .part(&day)
                .literal(":");
            k.part(&seen).literal(":").part(&true).literal(":").part(&uid);
        });
        let hashed = Key::render(|k| {
            k.literal("h:").hashed(&who);
        });
        let suffixed = Key::render(|k| {
            k.literal("l:").part(&who).literal(":x");
        });
        let keys: Vec<&str> = row.keys().collect();
        assert_eq!(keys, [long.as_str(), hashed.as_str(), suffixed.as_str()]);
        let pattern = cached_core::Pattern::render(|k| {
            k.literal("w:").part(&who).literal(":").any();
        });
        assert_eq!(row.patterns().collect::<Vec<_>>(), [pattern.as_str()]);
    }
}

#[tokio::test]
async fn installing_again_changes_nothing_and_uninstalling_leaves_nothing() {
    let db = db().await;
    let pool = db.pool();
    let objects = || async {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT tgname || ' ' || oid FROM pg_trigger WHERE NOT tgisinternal UNION ALL \
             SELECT proname || ' ' || oid FROM pg_proc WHERE proname LIKE 'watch%' UNION ALL \
             SELECT name FROM cached.watches ORDER BY 1",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        names
    };
    on_courses().install(&db).await.unwrap();
    let installed = objects().await;
    assert_eq!(installed.len(), 11);
    assert_eq!(written(pool).await.len(), 1, "nobody watched before");
    on_courses().install(&db).await.unwrap();
    assert_eq!(objects().await, installed);
    assert!(written(pool).await.is_empty());
    // Two processes at once.
    let (watch, other) = (on_courses().tag("courses"), on_courses().tag("courses"));
    let (a, b) = tokio::join!(watch.install(&db), other.install(&db));
    a.and(b).unwrap();
    assert_eq!((objects().await.len(), written(pool).await.len()), (11, 1));
    // Somebody dropped a trigger.
    run(pool, "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON courses', tgname) FROM pg_trigger WHERE NOT tgisinternal LIMIT 1); END $$").await;
    watch.install(&db).await.unwrap();
    assert_eq!(objects().await.len(), 11);
    watch.uninstall(&db).await.unwrap();
    assert!(objects().await.is_empty());
    written(pool).await;
    run(pool, "UPDATE courses SET title = 'x'").await;
    assert!(written(pool).await.is_empty());
    watch.uninstall(&db).await.unwrap();
}

#[tokio::test]
async fn the_off_switch_is_honest_about_what_it_missed() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    assert_eq!(watch.turn_off(&db).await.unwrap_err().kind(), ErrorKind::Watch);
    watch.install(&db).await.unwrap();
    written(pool).await;
    watch.turn_off(&db).await.unwrap();
    watch.install(&db).await.unwrap();
    run(pool, "UPDATE courses SET title = 'x'").await;
    assert!(written(pool).await.is_empty());
    watch.turn_on(&db).await.unwrap();
    let rows = written(pool).await;
    assert_eq!(rows[0].patterns().collect::<Vec<_>>(), ["course:*"]);
    watch.turn_on(&db).await.unwrap();
    assert!(written(pool).await.is_empty());
    run(pool, "BEGIN; SET LOCAL cached.watches = off; UPDATE courses SET title = 'y'; COMMIT")
        .await;
    assert!(written(pool).await.is_empty());
    run(pool, "UPDATE courses SET title = 'z' WHERE id = 1").await;
    assert_eq!(written(pool).await.len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_the_table_is_said_all_at_once() {
    let db = db().await;
    run(db.pool(), "ALTER TABLE courses ADD price numeric, ADD code char(4)").await;
    let watch = Watch::table("courses")
        .key("course:<di>")
        .tag("a b")
        .key("<price>:<code>")
        .pattern("x:<id>");
    let error = watch.install(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Watch);
    let message = error.to_string();
    for part in [
        "no column `di`; it has id, title",
        "whitespace",
        "no stable rendering",
        "padded",
        "Watch::key",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let error = Watch::table("corses").key("a").install(&db).await.unwrap_err();
    assert!(error.to_string().contains("no table `corses`"), "{error}");
    let error = Watch::table("courses").install(&db).await.unwrap_err();
    assert!(error.to_string().contains("invalidates nothing"), "{error}");
    run(db.pool(), "CREATE VIEW v AS SELECT * FROM courses").await;
    let error = Watch::table("v").key("a").install(&db).await.unwrap_err();
    assert!(error.to_string().contains("is no table"), "{error}");
}

#[tokio::test]
async fn a_table_that_changed_widens_and_does_not_break_its_writers() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("school:<school>");
    watch.install(&db).await.unwrap();
    run(pool, "ALTER TABLE courses RENAME school TO college").await;
    written(pool).await;
    run(pool, "UPDATE courses SET title = 'x'").await;
    assert!(written(pool).await[0].is_everything());
    assert!(watch.install(&db).await.unwrap_err().to_string().contains("no column `school`"));
}

#[tokio::test]
async fn writers_need_no_rights_of_their_own() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    written(pool).await;
    let role = unique_name("writer");
    run(
        pool,
        &format!(
            "CREATE ROLE {role}; GRANT SELECT, UPDATE ON courses TO {role}; SET ROLE {role}; \
                        UPDATE courses SET title = 'x' WHERE id = 2; RESET ROLE"
        ),
    )
    .await;
    assert_eq!(written(pool).await[0].keys().collect::<Vec<_>>(), ["course:2"]);
}

#[tokio::test]
async fn rows_that_leave_a_key_or_a_partition_are_named_by_both() {
    let db = db().await;
    let pool = db.pool();
    let courses = Watch::table("courses").key("course:<id>").tag("school:<school>");
    courses.install(&db).await.unwrap();
    let [keys, tags, _] = after(pool, "UPDATE courses SET school = 's9' WHERE school = 's1'").await;
    assert_eq!(keys, set(&["course:1", "course:3", "course:5"]));
    assert_eq!(tags, set(&["school:s1", "school:s9"]));
    // What was remembered is forgotten, also where it was rolled back.
    let sql = "BEGIN; SAVEPOINT a; UPDATE courses SET school = 's7' WHERE id = 2; ROLLBACK TO a; \
               UPDATE courses SET title = 'x' WHERE id = 4; COMMIT";
    let [keys, tags, _] = after(pool, sql).await;
    assert_eq!((keys, tags), (set(&["course:4"]), set(&["school:s0"])));
    run(pool, "INSERT INTO courses SELECT n, 'x', 's' || n % 3 FROM generate_series(10, 3000) n")
        .await;
    let [keys, tags, patterns] =
        after(pool, "UPDATE courses SET id = id + 10000 WHERE id BETWEEN 10 AND 300").await;
    assert_eq!((keys.len(), patterns.len(), tags.len()), (2 * 291, 0, 3));
    written(pool).await;
    run(pool, "UPDATE courses SET id = -id, school = id").await;
    assert!(written(pool).await[0].is_everything(), "too many old schools to remember");

    // A trigger that rewrites rows: the statement does not name the column.
    run(
        pool,
        "CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.school := 'new'; RETURN NEW; END $$; \
         CREATE TRIGGER rewrite BEFORE UPDATE ON courses FOR EACH ROW EXECUTE FUNCTION rewrite()",
    )
    .await;
    courses.install(&db).await.unwrap();
    let [_, tags, _] = after(pool, "UPDATE courses SET title = 'y' WHERE id = -1").await;
    assert_eq!(tags, set(&["school:1", "school:new"]));

    run(
        pool,
        "CREATE TABLE logs (day int, who int) PARTITION BY RANGE (day); \
         CREATE TABLE logs1 PARTITION OF logs FOR VALUES FROM (0) TO (10); \
         CREATE TABLE logs2 PARTITION OF logs FOR VALUES FROM (10) TO (20)",
    )
    .await;
    Watch::table("logs").key("log:<day>:<who>").install(&db).await.unwrap();
    run(pool, "INSERT INTO logs VALUES (1, 1)").await;
    let [keys, ..] = after(pool, "UPDATE logs SET day = 11").await;
    assert_eq!(keys, set(&["log:1:1", "log:11:1"]));
}

#[tokio::test]
async fn partitions_and_names_with_quotes_are_watched() {
    let db = db().await;
    let pool = db.pool();
    run(pool, "CREATE SCHEMA \"it's\"; CREATE TABLE \"it's\".\"a\"\"b\" (\"i\"\"d\" int) PARTITION BY RANGE (\"i\"\"d\"); \
               CREATE TABLE p PARTITION OF \"it's\".\"a\"\"b\" FOR VALUES FROM (0) TO (100)").await;
    Watch::table("\"it's\".\"a\"\"b\"").key("it's:<i\"d>").install(&db).await.unwrap();
    let [keys, ..] = after(pool, "INSERT INTO \"it's\".\"a\"\"b\" VALUES (1)").await;
    assert_eq!(keys, set(&["it's:1"]));
}
