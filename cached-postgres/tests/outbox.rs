//! What the outbox promises: rows come and go with commits, and a relay applies what was left.

mod common;

use cached_core::{Cache, Invalidation};
use cached_postgres::{CachedPool, ErrorKind, Outbox};
use cached_testkit::{Fault, FaultProxy, RedisServer, shared_postgres, unique_name};
use common::*;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::time::Duration;

/// A pool whose Redis can be killed, and whose relays take rows at once.
async fn on_its_own_redis(pool: &PgPool) -> (RedisServer, CachedPool) {
    let redis = RedisServer::start().unwrap();
    let namespace = unique_name("pg");
    let cache: Cache = Cache::builder().namespace(&namespace).redis(redis.url()).build().unwrap();
    listening(&cache).await;
    let db = CachedPool::with_outbox(pool.clone(), cache, eager());
    (redis, db)
}

#[tokio::test]
async fn the_process_that_commits_applies_and_removes_its_row() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, patient());
    title(db.cache(), &pool, 1).await;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    tx.commit().await.unwrap();
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
    emptied(&pool).await;
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back_or_invalidates_nothing_writes_no_row() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, patient());
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.invalidate(Invalidation::new().key("course:1"));
    tx.rollback().await.unwrap();
    let ever: i64 = sqlx::query_scalar("SELECT nextval('cached.outbox_id_seq')")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(ever, 1, "no row was ever numbered");
}

#[tokio::test]
async fn a_relay_applies_what_a_crashed_process_left() {
    let (pool, _) = database().await;
    let namespace = unique_name("pg");
    let (relaying, reading) = (in_namespace(&namespace).await, in_namespace(&namespace).await);
    let db = CachedPool::with_outbox(pool.clone(), relaying, patient());
    assert_eq!(title(&reading, &pool, 1).await, "old");
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    assert_eq!(held(&reading, 1).await.as_deref(), Some("old"), "nobody told it yet");
    let relay = db.start_relay().unwrap();
    emptied(&pool).await;
    cached_testkit::eventually("the new title is read elsewhere", || async {
        title(&reading, &pool, 1).await == "new"
    })
    .await;
    assert_eq!(relay.stats().applied, 1);
    relay.stop().await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_means_everything() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    title(db.cache(), &pool, 1).await;
    crashed_commit(&pool, 1, "what a later version wrote").await;
    let _relay = db.start_relay().unwrap();
    emptied(&pool).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
}

/// Ids are given before COMMIT: a row may appear after later ones were applied.
#[tokio::test]
async fn a_transaction_that_commits_late_is_not_passed_over() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    let relay = db.start_relay().unwrap();
    title(db.cache(), &pool, 1).await;
    let mut late = pool.begin().await.unwrap();
    rename(&mut late, 1, "new").await;
    sqlx::query("SELECT cached.enqueue('test', '{\"keys\":[\"course:1\"]}', interval '0')")
        .execute(&mut *late)
        .await
        .unwrap();
    for _ in 0..3 {
        crashed_commit(&pool, 2, r#"{"keys":["course:2"]}"#).await;
    }
    until("the later rows are applied", || relay.stats().applied == 3).await;
    late.commit().await.unwrap();
    until("the early row is applied", || relay.stats().applied == 4).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
}

#[tokio::test]
async fn relays_share_the_work_and_a_dead_one_leaves_its_rows_to_the_others() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    title(db.cache(), &pool, 1).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    // A relay that holds the row, and dies.
    let mut dying = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM cached.outbox FOR UPDATE").execute(&mut *dying).await.unwrap();
    let relays = [db.start_relay().unwrap(), db.start_relay().unwrap()];
    crashed_commit(&pool, 2, r#"{"keys":["course:2"]}"#).await;
    let applied = || relays.iter().map(|relay| relay.stats().applied).sum::<u64>();
    until("the free row is applied", || applied() == 1).await;
    assert_eq!(outbox_rows(&pool).await, 1, "the row that is held stays");
    drop(dying);
    until("the row is applied", || applied() == 2).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
}

#[tokio::test]
async fn rows_stay_while_redis_is_away_and_each_relay_serves_its_own_process() {
    let (pool, _) = database().await;
    let (redis, db) = on_its_own_redis(&pool).await;
    title(db.cache(), &pool, 1).await;
    redis.kill();
    let relay = db.start_relay().unwrap();
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    tx.commit().await.unwrap();
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
    crashed_commit(&pool, 2, r#"{"keys":["course:2"]}"#).await;
    until("the relay sees that it is behind", || relay.stats().backlog.rows == 2).await;
    assert!(relay.stats().backlog.lag > Duration::ZERO);
    assert_eq!(relay.stats().applied, 0);
    redis.restart().unwrap();
    emptied(&pool).await;
    until("the backlog is gone", || relay.stats().backlog.rows == 0).await;
}

/// A scan that takes longer than anybody waits, though each of its commands is quick: a very large server.
#[tokio::test]
async fn a_row_whose_scan_outlasts_the_operation_timeout_is_applied_once_and_goes() {
    let (pool, _) = database().await;
    let redis = RedisServer::start().unwrap();
    let fill = "for n = 1, 100000 do redis.call('SET', 'foreign:' .. n, '') end";
    redis.command(&["EVAL", fill, "0"]).unwrap();
    let slow = FaultProxy::start(redis.address()).await.unwrap();
    slow.set(Fault::Slow(Duration::from_millis(10))).await;
    let namespace = unique_name("pg");
    let cache: Cache = Cache::builder().namespace(&namespace).redis(slow.url()).build().unwrap();
    listening(&cache).await;
    let db = CachedPool::with_outbox(pool.clone(), cache, eager());
    title(db.cache(), &pool, 1).await;
    crashed_commit(&pool, 1, r#"{"patterns":["course:*"]}"#).await;
    let relay = db.start_relay().unwrap();
    emptied(&pool).await;
    until("the row is counted", || relay.stats().applied == 1).await;
    let stats = db.cache().stats();
    assert_eq!((stats.invalidations, db.cache().queued()), (1, 0));
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
}

#[tokio::test]
async fn one_outbox_serves_pools_of_several_databases_each_by_itself() {
    let ((first, _), (second, _)) = (database().await, database().await);
    let (cache, outbox) = (cache().await, patient());
    let db =
        |pool: &sqlx::PgPool| CachedPool::with_outbox(pool.clone(), cache.clone(), outbox.clone());
    let (in_first, in_second) = (db(&first), db(&second));
    commit(&in_first).await;
    emptied(&first).await;
    // A row that waits for a relay, and another of its number in the other database.
    crashed_commit(&first, 2, r#"{"keys":["course:2"]}"#).await;
    commit(&in_second).await;
    commit(&in_second).await;
    emptied(&second).await;
    assert_eq!(outbox_rows(&first).await, 1);
}

async fn commit(db: &CachedPool) {
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_lost_listen_connection_is_taken_up_again_and_what_was_missed_is_applied() {
    let (pool, _) = database().await;
    // It polls so rarely that only a wake-up can be what it works on.
    let outbox = Outbox::new("test").interval(Duration::from_secs(3_600));
    let db = CachedPool::with_outbox(pool.clone(), cache().await, outbox);
    let relay = db.start_relay().unwrap();
    until("it listens", || relay.stats().listening).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    until("a notification wakes it", || relay.stats().applied == 1).await;

    // The row comes with the loss: nobody is told of it.
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO cached.outbox (cache, invalidation, due_at) VALUES ('test', '{}', now())",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    )
    .execute(&pool)
    .await
    .unwrap();
    until("the loss is noticed, and the row applied", || {
        relay.stats().listen_losses == 1 && relay.stats().applied == 2
    })
    .await;
    until("it listens again", || relay.stats().listening).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    until("a notification wakes it again", || relay.stats().applied == 3).await;
}

#[tokio::test]
async fn a_relay_that_is_woken_all_the_time_looks_at_the_backlog_all_the_same() {
    let (pool, _) = database().await;
    let outbox = Outbox::new("test").interval(Duration::from_millis(500));
    let db = CachedPool::with_outbox(pool.clone(), cache().await, outbox);
    crashed_commit(&pool, 1, "{}").await;
    let mut holding = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM cached.outbox FOR UPDATE").execute(&mut *holding).await.unwrap();
    let relay = db.start_relay().unwrap();
    until("it sees the row", || relay.stats().listening && relay.stats().backlog.rows == 1).await;
    let (notifying, heard) = (pool.clone(), relay.stats().notifications);
    let waking = tokio::spawn(async move {
        while sqlx::query("NOTIFY cached_outbox").execute(&notifying).await.is_ok() {}
    });
    until("it is woken again and again", || relay.stats().notifications > heard + 10).await;
    holding.rollback().await.unwrap();
    until("the row is applied", || relay.stats().applied == 1).await;
    until("it sees that nothing is left", || relay.stats().backlog.rows == 0).await;
    assert!(!waking.is_finished());
    waking.abort();
}

/// Above READ COMMITTED, rows that went since the pass began would be an error of it.
#[tokio::test]
async fn a_relay_works_where_transactions_are_repeatable_read_unless_they_say_otherwise() {
    let (pool, url) = database().await;
    let name = url.rsplit('/').next().unwrap();
    let set =
        format!("ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'");
    sqlx::query(sqlx::AssertSqlSafe(set)).execute(&pool).await.unwrap();
    let db = CachedPool::with_outbox(connect(&url).await, cache().await, eager());
    crashed_commit(&pool, 1, "{}").await;
    let mut other = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE cached.outbox IN EXCLUSIVE MODE").execute(&mut *other).await.unwrap();
    let relay = db.start_relay().unwrap();
    cached_testkit::eventually("the pass waits for the table", || async {
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cached.outbox'::regclass";
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 1
    })
    .await;
    sqlx::query("DELETE FROM cached.outbox").execute(&mut *other).await.unwrap();
    other.commit().await.unwrap();
    crashed_commit(&pool, 1, "{}").await;
    until("the later row is applied", || relay.stats().applied == 1).await;
    assert_eq!(relay.stats().faults, 0);
}

#[tokio::test]
async fn outboxes_of_one_database_are_kept_apart_by_name() {
    let (pool, _) = database().await;
    let other = CachedPool::with_outbox(
        pool.clone(),
        cache().await,
        Outbox::new("other").interval(Duration::from_millis(20)),
    );
    let relay = other.start_relay().unwrap();
    crashed_commit(&pool, 1, "{}").await;
    sqlx::query("SELECT cached.enqueue('other', '{}', interval '0')").execute(&pool).await.unwrap();
    until("its own row is applied", || relay.stats().applied == 1).await;
    assert_eq!(outbox_rows(&pool).await, 1);
}

#[tokio::test]
async fn the_migration_can_be_run_again_and_a_relay_needs_an_outbox() {
    let (pool, _) = database().await;
    cached_postgres::migrate(&pool).await.unwrap();
    sqlx::raw_sql(cached_postgres::MIGRATION).execute(&pool).await.unwrap();
    let error = CachedPool::new(pool, cache().await).start_relay().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoOutbox);
    assert!(error.to_string().contains("with_outbox"));
}

#[tokio::test]
async fn a_database_of_an_older_version_is_brought_up_to_date() {
    let (pool, _) = database().await;
    let version = || async {
        let version = sqlx::query_scalar("SELECT cached.version()").fetch_one(&pool).await;
        version.unwrap_or_else(|error| panic!("{error}"))
    };
    let present: i32 = version().await;
    crashed_commit(&pool, 1, "{}").await;
    sqlx::raw_sql(
        "CREATE OR REPLACE FUNCTION cached.version() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; \
         CREATE OR REPLACE FUNCTION cached.enqueue(for_cache text, what text, grace interval) \
         RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    )
    .execute(&pool)
    .await
    .unwrap();
    cached_postgres::migrate(&pool).await.unwrap();
    assert_eq!(version().await, present);
    crashed_commit(&pool, 1, "{}").await;
    assert_eq!(
        outbox_rows(&pool).await,
        2,
        "what waited waits, and the function is the present one"
    );
}

#[tokio::test]
async fn a_pool_of_one_connection_is_enough_for_a_relay() {
    let (pool, url) = database().await;
    let one = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let db = CachedPool::with_outbox(one, cache().await, eager());
    let relay = db.start_relay().unwrap();
    until("it listens", || relay.stats().listening).await;
    crashed_commit(&pool, 1, "{}").await;
    until("the row is applied", || relay.stats().applied == 1).await;
    db.pool().acquire().await.unwrap();
    assert_eq!(relay.stats().faults, 0);
}

#[tokio::test]
async fn a_relay_ends_with_its_pool() {
    let (pool, _) = database().await;
    let cache = Cache::builder().build().unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let relay = CachedPool::with_outbox(pool.clone(), cache, eager()).start_relay().unwrap();
    until("it listens", || relay.stats().listening).await;
    pool.close().await;
    until("all that it started has ended", || tasks() <= before).await;
    assert_eq!(relay.stats().faults, 0);
}

/// How a failover that has lost the last rows, or `TRUNCATE .. RESTART IDENTITY`, looks to a relay.
#[tokio::test]
async fn a_row_whose_number_was_handed_over_before_is_another_one() {
    let (pool, _) = database().await;
    let (redis, db) = on_its_own_redis(&pool).await;
    redis.kill();
    let _relay = db.start_relay().unwrap();
    let applied = || db.cache().stats().invalidations;
    for times in 1..=2 {
        crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
        until("the row is handed over", || applied() == times).await;
        if times == 1 {
            sqlx::query("TRUNCATE cached.outbox RESTART IDENTITY").execute(&pool).await.unwrap();
        }
    }
    redis.restart().unwrap();
    emptied(&pool).await;
}

/// The process that commits removes its row in the background.
#[tokio::test]
async fn a_row_that_bears_the_number_of_one_that_is_removed_stays() {
    let (pool, _) = database().await;
    sqlx::raw_sql(
        "CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         UPDATE cached.outbox SET written_at = written_at + interval '1 second'; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER again AFTER UPDATE ON courses \
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.title = 'other') EXECUTE FUNCTION again()",
    )
    .execute(&pool)
    .await
    .unwrap();
    let db = CachedPool::with_outbox(pool.clone(), cache().await, patient());
    for title in ["other", "new"] {
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, title).await;
        tx.invalidate(Invalidation::new().key("course:1"));
        tx.commit().await.unwrap();
    }
    // They are removed in this order.
    let left = || async {
        let left = sqlx::query_scalar("SELECT id FROM cached.outbox ORDER BY id");
        left.fetch_all(&pool).await.unwrap()
    };
    cached_testkit::eventually("the later row is removed", || async {
        !left().await.contains(&2_i64)
    })
    .await;
    assert_eq!(left().await, [1], "it was written later than what this process wrote");
}

#[tokio::test]
async fn a_pass_takes_no_more_bytes_than_it_must() {
    let (pool, _) = database().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    // Those of one pass become one clearing.
    let row = r#"{"everything":true}"#.to_owned() + &" ".repeat(600_000);
    for _ in 0..5 {
        crashed_commit(&pool, 1, &row).await;
    }
    let relay = db.start_relay().unwrap();
    until("all is applied", || relay.stats().applied == 5).await;
    assert_eq!(db.cache().stats().invalidations, 3, "two at a time");
}

/// The text is converted where the server has another encoding.
#[tokio::test]
async fn a_key_that_the_databases_encoding_lacks_is_no_error_of_the_commit() {
    let name = unique_name("latin");
    shared_postgres()
        .psql(&format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"));
    let pool = connect(&shared_postgres().url(&name)).await;
    prepare(&pool).await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, patient());
    db.cache().set("course:日", 1_i64, cached_core::Ttl::DAY).await;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:日"));
    tx.commit().await.unwrap();
    assert_eq!(db.cache().get::<i64>("course:日").await, None);
    emptied(&pool).await;
}

#[tokio::test]
async fn a_role_that_owns_the_schema_needs_no_right_to_create_others() {
    let url = shared_postgres().fresh_database();
    let role = unique_name("owner");
    let pool = connect(&url).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "CREATE ROLE {role}; CREATE SCHEMA cached AUTHORIZATION {role}"
    )))
    .execute(&pool)
    .await
    .unwrap();
    let owner = connect(&format!("{url}?options=-crole%3D{role}")).await;
    cached_postgres::migrate(&owner).await.unwrap();
}

#[tokio::test]
async fn processes_that_migrate_at_once_wait_for_each_other() {
    let pool = connect(&shared_postgres().fresh_database()).await;
    let all = (0..6).map(|_| {
        let pool = pool.clone();
        tokio::spawn(async move { cached_postgres::migrate(&pool).await })
    });
    for migrated in all.collect::<Vec<_>>() {
        migrated.await.unwrap().unwrap();
    }
}
