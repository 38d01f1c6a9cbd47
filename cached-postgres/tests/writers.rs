//! Watches hear every way in which rows change, whatever tables and columns are called and whatever became of them.

mod common;

use cached_core::Invalidation;
use cached_postgres::{CachedPool, ErrorKind, Outbox, Watch};
use cached_testkit::{shared_postgres, unique_name};
use common::*;
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::BTreeSet;

/// A pool whose outbox nobody relays, so that its rows can be looked at.
async fn db() -> CachedPool {
    let (pool, _) = database().await;
    CachedPool::with_outbox(pool, cache().await, Outbox::new("test"))
}

/// All that the outbox holds, and nothing of it afterwards.
async fn written(pool: &PgPool) -> Invalidation {
    let rows: Vec<String> = sqlx::query_scalar("DELETE FROM cached.outbox RETURNING invalidation")
        .fetch_all(pool)
        .await
        .unwrap();
    let all = rows.iter().map(|json| Invalidation::from_json(json));
    all.fold(Invalidation::new(), Invalidation::and)
}

async fn forget(pool: &PgPool) {
    drop(written(pool).await);
}

fn keys(what: &Invalidation) -> String {
    assert!(!what.is_everything());
    what.keys().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// Runs SQL; the keys that it made untrue.
async fn after(pool: &PgPool, sql: &str) -> String {
    forget(pool).await;
    run(pool, sql).await;
    keys(&written(pool).await)
}

#[tokio::test]
async fn copy_merge_and_writes_inside_of_others_are_heard() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    forget(pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let mut copy = connection.copy_in_raw("COPY courses FROM STDIN").await.unwrap();
    copy.send(b"6\tsix\ts1\n7\tseven\t\\N\n".as_slice()).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(keys(&written(pool).await), "course:6 course:7");

    let upsert = "INSERT INTO courses VALUES (7, 'x', 's'), (8, 'y', 's') ON CONFLICT (id) DO";
    assert_eq!(after(pool, &format!("{upsert} UPDATE SET title = 'z'")).await, "course:7 course:8");
    assert_eq!(after(pool, &format!("{upsert} NOTHING")).await, "", "nothing changed");
    let merge = "MERGE INTO courses c USING (VALUES (1), (6), (9)) AS s(id) ON c.id = s.id \
                 WHEN MATCHED AND s.id = 6 THEN DELETE WHEN MATCHED THEN UPDATE SET title = 'm' \
                 WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'm', 's')";
    assert_eq!(after(pool, merge).await, "course:1 course:6 course:9");
    let within = "WITH gone AS (DELETE FROM courses WHERE id = 9 RETURNING id) \
                  UPDATE courses SET title = 'w' WHERE id IN (SELECT id - 1 FROM gone)";
    assert_eq!(after(pool, within).await, "course:8 course:9");
    let function = "CREATE FUNCTION touch() RETURNS void LANGUAGE sql AS \
                    'UPDATE courses SET title = title WHERE id = 2'; SELECT touch()";
    assert_eq!(after(pool, function).await, "course:2");
}

#[tokio::test]
async fn foreign_keys_that_cascade_are_heard() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE schools (id int PRIMARY KEY); INSERT INTO schools VALUES (1), (2), (3); \
         CREATE TABLE rooms (id int PRIMARY KEY, school int REFERENCES schools ON UPDATE CASCADE ON DELETE CASCADE, \
                             other int REFERENCES schools ON DELETE SET NULL); \
         INSERT INTO rooms VALUES (1, 1, 2), (2, 2, 3), (3, 2, NULL)",
    )
    .await;
    Watch::table("rooms").key("room:<id>:<school>").install(&db).await.unwrap();
    let all = "room:1:1 room:2:2 room:3:2";
    assert_eq!(after(pool, "DELETE FROM schools WHERE id = 3").await, "room:2:2", "set to NULL");
    let moved = after(pool, "UPDATE schools SET id = 4 WHERE id = 1").await;
    assert_eq!(moved, "room:1:1 room:1:4");
    run(pool, "UPDATE schools SET id = 1 WHERE id = 4").await;
    assert_eq!(after(pool, "DELETE FROM schools").await, all);
    run(pool, "TRUNCATE schools CASCADE").await;
    let what = written(pool).await;
    assert_eq!(what.patterns().collect::<Vec<_>>(), ["room:*"], "there is no telling which");
}

/// A statement that names a partition fires no trigger of the table above it.
#[tokio::test]
async fn partitions_and_children_are_heard_by_their_own_names_too() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE logs (day int, who text) PARTITION BY RANGE (day); \
         CREATE TABLE \"Low\" PARTITION OF logs FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (day); \
         CREATE TABLE lowest PARTITION OF \"Low\" FOR VALUES FROM (0) TO (5); \
         CREATE TABLE parent (id int); CREATE TABLE child (more int) INHERITS (parent)",
    )
    .await;
    let logs = Watch::table("logs").key("log:<day>");
    logs.install(&db).await.unwrap();
    Watch::table("parent").key("p:<id>").install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO logs VALUES (1, 'a'), (2, 'b')").await, "log:1 log:2");
    assert_eq!(after(pool, "INSERT INTO \"Low\" VALUES (3, 'c')").await, "log:3");
    assert_eq!(after(pool, "UPDATE lowest SET day = 4 WHERE day = 3").await, "log:3 log:4");
    assert_eq!(after(pool, "UPDATE logs SET who = 'd' WHERE day = 4").await, "log:4", "once");
    assert_eq!(after(pool, "INSERT INTO child VALUES (1, 2)").await, "p:1");
    assert_eq!(after(pool, "UPDATE parent SET id = 2").await, "p:1 p:2");
    run(pool, "TRUNCATE lowest").await;
    assert_eq!(written(pool).await.patterns().collect::<Vec<_>>(), ["log:*"]);

    // A partition that is added is heard by the table's name, and by its own once the watch is installed again.
    run(pool, "CREATE TABLE high PARTITION OF logs FOR VALUES FROM (10) TO (20)").await;
    assert_eq!(after(pool, "INSERT INTO logs VALUES (11, 'x')").await, "log:11");
    logs.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO high VALUES (12, 'x')").await, "log:12");
    logs.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty(), "it was there as it should be");
    logs.turn_off(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO high VALUES (13, 'x')").await, "");
    logs.turn_on(&db).await.unwrap();
    logs.uninstall(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO high VALUES (14, 'x'); DELETE FROM logs").await, "");
}

/// It would miss every statement that names the table above.
#[tokio::test]
async fn a_watch_on_a_part_of_a_table_is_refused_and_says_what_to_watch() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE logs (day int) PARTITION BY RANGE (day); \
         CREATE TABLE low PARTITION OF logs FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (day); \
         CREATE TABLE lowest PARTITION OF low FOR VALUES FROM (0) TO (5); \
         CREATE TABLE \"A\" (id int); CREATE TABLE b (id int); CREATE TABLE child () INHERITS (\"A\", b); \
         CREATE TABLE later (day int)",
    )
    .await;
    for (table, advice) in [
        ("low", "watch public.logs,"),
        ("lowest", "watch public.logs,"),
        ("child", "watch public.\"A\", public.b,"),
    ] {
        let error = Watch::table(table).key("all").install(&db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert!(error.to_string().contains(advice), "{error}");
    }
    // A table that becomes a part when it is watched already.
    let watch = Watch::table("later").key("log:<day>");
    watch.install(&db).await.unwrap();
    run(pool, "ALTER TABLE logs ATTACH PARTITION later FOR VALUES FROM (10) TO (20)").await;
    let error = watch.install(&db).await.unwrap_err();
    assert!(error.to_string().contains("watch public.logs,"), "{error}");
    watch.uninstall(&db).await.unwrap();
    Watch::table("logs").key("log:<day>").install(&db).await.unwrap();
    assert_eq!(
        after(pool, "INSERT INTO logs VALUES (11); INSERT INTO later VALUES (12)").await,
        "log:11 log:12"
    );
}

#[tokio::test]
async fn columns_may_be_called_as_what_the_triggers_use() {
    let db = db().await;
    let pool = db.pool();
    let names = [
        "what",
        "found",
        "keys",
        "tags",
        "patterns",
        "everything",
        "entry",
        "new",
        "old",
        "line",
        "tg_op",
    ];
    let columns = names.map(|name| format!("{name:?} int")).join(", ");
    run(pool, &format!("CREATE TABLE t ({columns})")).await;
    let template = format!("t:{}", names.map(|name| format!("<{name}>")).join(":"));
    Watch::table("t").key(&template).install(&db).await.unwrap();
    let (one, two) = ("t:1:2:3:4:5:6:7:8:9:10:11", "t:1:2:3:4:5:6:0:8:9:10:11");
    let insert = "INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)";
    assert_eq!(after(pool, insert).await, one);
    assert_eq!(after(pool, "UPDATE t SET entry = 0").await, format!("{two} {one}"));
    assert_eq!(after(pool, "DELETE FROM t").await, two);
}

#[tokio::test]
async fn tables_of_one_name_in_two_schemas_are_kept_apart() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE SCHEMA a; CREATE TABLE a.t (id int); CREATE SCHEMA b; CREATE TABLE b.t (id int)",
    )
    .await;
    Watch::table("a.t").key("a:<id>").install(&db).await.unwrap();
    Watch::table("b.t").key("b:<id>").install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO a.t VALUES (1)").await, "a:1");
    assert_eq!(after(pool, "INSERT INTO b.t VALUES (1)").await, "b:1");
    Watch::table("a.t").uninstall(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO a.t VALUES (2); INSERT INTO b.t VALUES (2)").await, "b:2");
    // Two watches on one table.
    Watch::table("b.t").named("more").key("more:<id>").install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO b.t VALUES (3)").await, "b:3 more:3");
}

#[tokio::test]
async fn hostile_names_stay_names() {
    let name = "\\'; DROP TABLE courses; -- $$ % \"\u{e9}";
    let (pool, url) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, Outbox::new(name));
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    run(
        &pool,
        &format!(
            "CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} int, \"<\" text)"
        ),
    )
    .await;
    let watch = Watch::table(&format!("{quoted}.{quoted}"))
        .named(name)
        .key("it's:<\\'; DROP TABLE courses; -- $$ % \"\u{e9}>");
    watch.install(&db).await.unwrap();
    forget(&pool).await;
    // In sessions of either sort, each of which parses the functions anew.
    for conforming in ["on", "off"] {
        let insert = format!(
            "SET standard_conforming_strings = {conforming}; INSERT INTO {quoted}.{quoted} VALUES (1); \
             UPDATE {quoted}.{quoted} SET {quoted} = 2; DELETE FROM {quoted}.{quoted}; RESET ALL"
        );
        assert_eq!(after(&connect(&url).await, &insert).await, "it's:1 it's:2", "{conforming}");
    }
    let caches: i64 =
        sqlx::query_scalar("SELECT count(*) FROM cached.watches WHERE cache = $1 AND name = $1")
            .bind(name)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(caches, 1);
    run(&pool, &format!("ALTER TABLE {quoted}.{quoted} RENAME {quoted} TO other; INSERT INTO {quoted}.{quoted} VALUES (1)")).await;
    assert!(written(&pool).await.is_everything());
    watch.uninstall(&db).await.unwrap();
    assert_eq!(after(&pool, &format!("DELETE FROM {quoted}.{quoted}")).await, "");
    assert_eq!(title_in_database(&pool, 1).await.unwrap(), "old", "the table of courses is there");
}

#[tokio::test]
async fn a_table_that_was_altered_is_never_rendered_wrongly() {
    let db = db().await;
    let pool = db.pool();
    run(pool, "CREATE TABLE t (id int, code text)").await;
    let watch = Watch::table("t").key("t:<id>").tag("code:<code>");
    watch.install(&db).await.unwrap();
    // Names travel with the columns' and the table's.
    run(pool, "ALTER TABLE t ADD more int; ALTER TABLE t RENAME TO renamed").await;
    assert_eq!(after(pool, "INSERT INTO renamed VALUES (1, 'a')").await, "t:1");
    assert!(watch.install(&db).await.unwrap_err().to_string().contains("no table `t`"));
    run(pool, "ALTER TABLE renamed RENAME TO t").await;
    // Postgres keeps what triggers name as it is, until the watch is taken out.
    for alter in ["ALTER id TYPE text", "DROP id"] {
        let alter = AssertSqlSafe(format!("ALTER TABLE t {alter}"));
        sqlx::raw_sql(alter).execute(pool).await.unwrap_err();
    }
    watch.uninstall(&db).await.unwrap();
    run(pool, "ALTER TABLE t ALTER id TYPE text").await;
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO t VALUES ('a b', 'x')").await, "t:a%20b");
    // A table that was made anew has no triggers.
    run(pool, "DROP TABLE t; CREATE TABLE t (id text, code text)").await;
    assert_eq!(after(pool, "INSERT INTO t VALUES ('a', 'x')").await, "");
    watch.install(&db).await.unwrap();
    assert_eq!(written(pool).await.patterns().collect::<Vec<_>>(), ["t:*"]);
    assert_eq!(after(pool, "INSERT INTO t VALUES ('b', 'x')").await, "t:b");
    // Partitioned tables have no trigger that names a column. An integer is rendered without escapes; the text that
    // it has become would need them.
    run(
        pool,
        "DROP TABLE t; CREATE TABLE t (id int, code text) PARTITION BY HASH (code); \
         CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    )
    .await;
    watch.install(&db).await.unwrap();
    run(pool, "ALTER TABLE t ALTER id TYPE text").await;
    forget(pool).await;
    run(pool, "INSERT INTO t VALUES ('a b', 'x')").await;
    assert!(written(pool).await.is_everything());
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO t VALUES ('a b', 'x')").await, "t:a%20b");
    // What was dropped can be taken out.
    run(pool, "DROP TABLE t").await;
    watch.uninstall(&db).await.unwrap();
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM cached.watches) + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'watch%')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

/// A notification is a wake-up: it is short however much has changed, and no row of data is in it.
#[tokio::test]
async fn notifications_carry_nothing() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen("cached_outbox").await.unwrap();
    run(
        pool,
        "INSERT INTO courses SELECT n, repeat('x', 100), 's' FROM generate_series(10, 900) n",
    )
    .await;
    assert_eq!(listener.recv().await.unwrap().payload(), "");
    assert!(keys(&written(pool).await).len() > 8_000, "more than a payload could hold");
}

/// What an administrator can do from psql, with no program of ours.
#[tokio::test]
async fn everything_can_be_removed_by_one_statement() {
    let (pool, url) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, Outbox::new(&unique_name("it")));
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let drop = "SET client_min_messages = error; DROP SCHEMA cached CASCADE";
    tokio::task::spawn_blocking(move || shared_postgres().psql_in(&database, drop)).await.unwrap();
    run(&pool, "UPDATE courses SET title = 'x'; TRUNCATE courses").await;
    let triggers: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(triggers, 0);
    cached_postgres::migrate(&pool).await.unwrap();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
}
