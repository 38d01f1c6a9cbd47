//! What `install` finds out about the database: triggers that are on another table, or off, and what it refuses.

mod common;

use cached_core::Invalidation;
use cached_postgres::{CachedPool, ErrorKind, Outbox, Watch};
use cached_testkit::unique_name;
use common::*;
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

/// Runs SQL; the keys and tags that it made untrue.
async fn after(pool: &PgPool, sql: &str) -> String {
    drop(written(pool).await);
    run(pool, sql).await;
    let what = written(pool).await;
    assert!(!what.is_everything(), "{sql}");
    what.keys()
        .chain(what.tags())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(" ")
}

async fn patterns(pool: &PgPool) -> String {
    written(pool).await.patterns().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_table_that_was_swapped_for_another_of_its_name_is_watched() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    watch.install(&db).await.unwrap();
    run(
        pool,
        "ALTER TABLE courses RENAME TO courses_old; CREATE TABLE courses (LIKE courses_old INCLUDING ALL)",
    )
    .await;
    drop(written(pool).await);
    watch.install(&db).await.unwrap();
    assert_eq!(patterns(pool).await, "course:*", "nobody watched it before");
    assert_eq!(after(pool, "INSERT INTO courses VALUES (1, 'x', 's')").await, "course:1");
    assert_eq!(
        after(pool, "UPDATE courses_old SET title = 'x'").await,
        "",
        "it is watched no more"
    );
    watch.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty(), "it was there as it should be");
}

#[tokio::test]
async fn a_partition_that_was_swapped_for_another_of_its_name_is_watched() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE logs (day int) PARTITION BY RANGE (day); \
         CREATE TABLE low PARTITION OF logs FOR VALUES FROM (0) TO (10)",
    )
    .await;
    let watch = Watch::table("logs").key("log:<day>");
    watch.install(&db).await.unwrap();
    run(
        pool,
        "ALTER TABLE logs DETACH PARTITION low; ALTER TABLE low RENAME TO low_old; \
         CREATE TABLE low PARTITION OF logs FOR VALUES FROM (0) TO (10)",
    )
    .await;
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO low VALUES (1)").await, "log:1");
    assert_eq!(after(pool, "INSERT INTO low_old VALUES (1)").await, "");
}

#[tokio::test]
async fn triggers_that_somebody_switched_are_switched_back() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    watch.install(&db).await.unwrap();
    let update = "UPDATE courses SET title = title WHERE id = 1";
    for again in ["install", "turn_on"] {
        run(pool, "ALTER TABLE courses DISABLE TRIGGER USER").await;
        assert_eq!(after(pool, update).await, "");
        match again {
            "install" => watch.install(&db).await.unwrap(),
            _ => watch.turn_on(&db).await.unwrap(),
        }
        assert_eq!(patterns(pool).await, "course:*", "{again}: what it missed");
        assert_eq!(after(pool, update).await, "course:1");
    }
    watch.turn_off(&db).await.unwrap();
    run(pool, "ALTER TABLE courses ENABLE TRIGGER USER").await;
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, update).await, "", "it is off");
    // Those that fire in replicas too are on.
    watch.turn_on(&db).await.unwrap();
    run(
        pool,
        "DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger WHERE NOT tgisinternal LOOP \
         EXECUTE format('ALTER TABLE courses ENABLE ALWAYS TRIGGER %I', t); END LOOP; END $$",
    )
    .await;
    drop(written(pool).await);
    watch.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty());
}

#[tokio::test]
async fn nobody_else_can_use_the_functions_of_a_watch() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    let functions = functions(pool).await;
    assert_eq!(functions.len(), 5);
    let role = unique_name("stranger");
    run(pool, &format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA cached TO {role}")).await;
    refused(pool, &role, &functions).await;
    // As a version before left it.
    run(
        pool,
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cached TO PUBLIC; \
         CREATE OR REPLACE FUNCTION cached.version() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 4'",
    )
    .await;
    cached_postgres::migrate(pool).await.unwrap();
    refused(pool, &role, &functions).await;
}

async fn refused(pool: &PgPool, role: &str, functions: &[String]) {
    for function in functions {
        let create = format!(
            "SET ROLE {role}; CREATE TEMP TABLE t (id bigint); \
             CREATE TRIGGER t AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION cached.{function}()"
        );
        let mut tx = pool.begin().await.unwrap();
        let error = sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *tx).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{function}: {error}");
    }
}

async fn functions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("SELECT proname::text FROM pg_proc WHERE proname LIKE 'watch%'")
        .fetch_all(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_type_that_is_not_the_columns_is_never_rendered() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").key("course:<id>").install(&db).await.unwrap();
    run(
        pool,
        "CREATE TABLE rendered (); CREATE TYPE hostile AS (x int); \
         CREATE FUNCTION run(hostile) RETURNS text LANGUAGE sql AS \
         $$ INSERT INTO public.rendered DEFAULT VALUES; SELECT 'x' $$; \
         CREATE CAST (hostile AS text) WITH FUNCTION run(hostile); \
         CREATE TABLE t (id hostile); INSERT INTO t VALUES (ROW(1))",
    )
    .await;
    for function in functions(pool).await {
        let (rows, level) = match function.rsplit('_').next() {
            Some("moved") => ("", "ROW"),
            Some("update") => ("REFERENCING NEW TABLE AS cached_new", "STATEMENT"),
            _ => continue,
        };
        let create = format!(
            "CREATE TRIGGER \"{function}\" AFTER UPDATE ON t {rows} FOR EACH {level} \
             EXECUTE FUNCTION cached.{function}()"
        );
        run(pool, &create).await;
    }
    drop(written(pool).await);
    run(pool, "UPDATE t SET id = ROW(2)").await;
    assert!(written(pool).await.is_everything());
    let rendered: i64 =
        sqlx::query_scalar("SELECT count(*) FROM rendered").fetch_one(pool).await.unwrap();
    assert_eq!(rendered, 0);
}

#[tokio::test]
async fn a_trigger_that_comes_later_and_rewrites_rows_is_heard() {
    let db = db().await;
    let pool = db.pool();
    Watch::table("courses").tag("school:<school>").install(&db).await.unwrap();
    run(
        pool,
        "CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.school := 'new'; RETURN NEW; END $$; \
         CREATE TRIGGER rewrite BEFORE UPDATE ON courses FOR EACH ROW EXECUTE FUNCTION rewrite()",
    )
    .await;
    let update = "UPDATE courses SET title = 'y' WHERE id = 1";
    assert_eq!(after(pool, update).await, "school:new school:s1");
}

/// Postgres keeps no copy of the rows that a statement changes in them, and refuses the statement.
#[tokio::test]
async fn a_table_with_foreign_parts_is_refused_since_its_writers_would_be() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; \
         CREATE TABLE logs (day int) PARTITION BY RANGE (day); \
         CREATE FOREIGN TABLE far PARTITION OF logs FOR VALUES FROM (0) TO (10) SERVER s; \
         CREATE TABLE parent (id int); CREATE FOREIGN TABLE \"Far\" () INHERITS (parent) SERVER s",
    )
    .await;
    for (table, part) in [("logs", "public.far"), ("parent", "public.\"Far\"")] {
        let error = Watch::table(table).key("all").install(&db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_column_that_was_renamed_is_not_taken_for_a_variable_of_its_name() {
    let db = db().await;
    let pool = db.pool();
    for (column, kind) in [("what", "text"), ("everything", "boolean"), ("tg_op", "text")] {
        run(pool, &format!("CREATE TABLE t (id int, {column} {kind})")).await;
        let watch = Watch::table("t").key(&format!("t:<{column}>"));
        watch.install(&db).await.unwrap();
        run(pool, &format!("ALTER TABLE t RENAME {column} TO other")).await;
        drop(written(pool).await);
        for sql in ["INSERT INTO t VALUES (1)", "UPDATE t SET id = 2", "DELETE FROM t"] {
            run(pool, sql).await;
            assert!(written(pool).await.is_everything(), "{column}: {sql}");
        }
        watch.uninstall(&db).await.unwrap();
        run(pool, "DROP TABLE t").await;
    }
}

#[tokio::test]
async fn a_bare_name_that_means_another_table_elsewhere_takes_no_watch_away() {
    let (pool, url) = database().await;
    run(
        &pool,
        "CREATE SCHEMA a; CREATE TABLE a.t (id int); CREATE SCHEMA b; CREATE TABLE b.t (id int)",
    )
    .await;
    let searching = |schema: &'static str| {
        let url = format!("{url}?options=-csearch_path%3D{schema}");
        async move {
            let pool = connect(&url).await;
            CachedPool::with_outbox(pool, cache().await, Outbox::new("test"))
        }
    };
    let watch = Watch::table("t").key("t:<id>");
    watch.install(&searching("a").await).await.unwrap();
    let error = watch.install(&searching("b").await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Watch);
    assert!(error.to_string().contains("a.t"), "{error}");
    assert_eq!(after(&pool, "INSERT INTO a.t VALUES (1)").await, "t:1", "it is there still");
    run(&pool, "DROP TABLE a.t").await;
    watch.install(&searching("b").await).await.unwrap();
    assert_eq!(after(&pool, "INSERT INTO b.t VALUES (2)").await, "t:2");
}

#[tokio::test]
async fn a_generated_column_that_is_stored_is_rendered_and_noticed() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE pages (title text, slug text GENERATED ALWAYS AS (lower(title)) STORED)",
    )
    .await;
    let watch = Watch::table("pages").key("page:<slug>");
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO pages VALUES ('One')").await, "page:one");
    assert_eq!(after(pool, "UPDATE pages SET title = 'Two'").await, "page:one page:two");
    run(pool, "ALTER TABLE pages ALTER slug DROP EXPRESSION").await;
    drop(written(pool).await);
    watch.install(&db).await.unwrap();
    assert_eq!(patterns(pool).await, "page:*", "it was installed again");
    watch.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty());
}

/// Operators are looked up when a trigger is created.
#[tokio::test]
async fn operators_of_the_installers_search_path_are_not_asked_whether_a_row_has_moved() {
    let (pool, url) = database().await;
    run(
        &pool,
        "CREATE SCHEMA odd; CREATE FUNCTION odd.same(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'; \
         CREATE OPERATOR odd.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = odd.same); \
         CREATE TABLE t (school varchar); INSERT INTO t VALUES ('a')",
    )
    .await;
    let searching = connect(&format!("{url}?options=-csearch_path%3Dodd,public")).await;
    let db = CachedPool::with_outbox(searching, cache().await, Outbox::new("test"));
    Watch::table("t").tag("school:<school>").install(&db).await.unwrap();
    assert_eq!(after(&pool, "UPDATE public.t SET school = 'b'").await, "school:a school:b");
}

#[tokio::test]
async fn a_watch_without_triggers_is_not_turned_on() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    watch.install(&db).await.unwrap();
    for off in [false, true] {
        if off {
            watch.turn_off(&db).await.unwrap();
        }
        run(pool, "DROP TABLE courses; CREATE TABLE courses (id bigint)").await;
        let error = watch.turn_on(&db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert!(error.to_string().contains("call `install` first"), "{error}");
        watch.install(&db).await.unwrap();
        watch.turn_on(&db).await.unwrap();
        assert_eq!(after(pool, "INSERT INTO courses VALUES (1)").await, "course:1");
    }
}

#[tokio::test]
async fn a_table_that_another_session_holds_is_waited_for_not_for_ever() {
    let db = db().await;
    let mut other = db.pool().begin().await.unwrap();
    run(&mut *other, "LOCK TABLE courses IN ACCESS EXCLUSIVE MODE").await;
    let error = Watch::table("courses").key("course:<id>").install(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    assert!(error.to_string().contains("another session holds the table"), "{error}");
    other.rollback().await.unwrap();
}
