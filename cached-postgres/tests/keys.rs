//! Keys that SQL renders are those that cached-core renders, byte for byte.

mod common;

use cached_core::{Key, KeyPart};
use chrono::{DateTime, NaiveDate, Utc};
use common::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::PgPool;

fn part(value: &impl KeyPart) -> String {
    Key::render(|k| {
        k.part(value);
    })
    .as_str()
    .to_owned()
}

/// Texts that have broken escapings before, and random ones. Postgres' text holds no U+0000.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> =
        ["", "a", "a:b", "%", "%E", "%N", "*?[]\\{}<>~", "a b\t\n", "Zoë O'Hara", "'; --"]
            .map(str::to_owned)
            .into();
    texts.extend((1..=0x3100).filter_map(char::from_u32).map(|c| format!("x{c}y")));
    texts
        .extend(["e\u{301}", "\u{1F600}", "\u{10FFFF}", "\u{FEFF}", "\u{E000}"].map(str::to_owned));
    texts.push("é".repeat(600));
    texts.push(":".repeat(600));
    let mut runner = TestRunner::deterministic();
    let any =
        proptest::collection::vec(any::<char>().prop_filter("no U+0000", |c| *c != '\0'), 0..40);
    for _ in 0..2_000 {
        texts.push(any.new_tree(&mut runner).unwrap().current().into_iter().collect());
    }
    texts
}

async fn compare(
    pool: &PgPool,
    sql: &'static str,
    values: Vec<String>,
    expected: impl Fn(&str) -> String,
) {
    let rendered: Vec<String> =
        sqlx::query_scalar(sql).bind(&values).fetch_all(pool).await.unwrap();
    assert_eq!(rendered.len(), values.len());
    for (value, rendered) in values.iter().zip(rendered) {
        assert_eq!(rendered, expected(value), "{value:?}");
    }
}

#[tokio::test]
async fn texts_are_escaped_alike() {
    let (pool, _) = database().await;
    let over = |lead: &'static str| {
        move |text: &str| {
            Key::render(|k| {
                k.literal(lead).part(&text).literal(":x");
            })
            .as_str()
            .to_owned()
        }
    };
    let ordered = |sql: &'static str| sql;
    compare(
        &pool,
        ordered("SELECT cached.key_bound('', cached.key_part(t)) FROM unnest($1) WITH ORDINALITY AS u(t, n) ORDER BY n"),
        texts(),
        |text| part(&text),
    )
    .await;
    compare(
        &pool,
        ordered("SELECT cached.key_bound('a:', 'a:' || cached.key_part(t) || ':x') FROM unnest($1) WITH ORDINALITY AS u(t, n) ORDER BY n"),
        texts(),
        over("a:"),
    )
    .await;
    compare(
        &pool,
        ordered("SELECT cached.key_hash(cached.key_part(t)) FROM unnest($1) WITH ORDINALITY AS u(t, n) ORDER BY n"),
        texts(),
        |text| {
            Key::render(|k| {
                k.hashed(text);
            })
            .as_str()
            .to_owned()
        },
    )
    .await;
}

#[tokio::test]
async fn null_is_none() {
    let (pool, _) = database().await;
    let none: Option<String> = None;
    let rendered: Vec<String> = sqlx::query_scalar(
        "SELECT unnest(ARRAY[cached.key_part(NULL::text), cached.key_part(NULL::date), \
                             cached.key_part(NULL::timestamptz)])",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(rendered, vec![part(&none); 3]);
}

#[tokio::test]
async fn dates_are_rendered_alike() {
    let (pool, _) = database().await;
    // Whatever a session would print.
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql("SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu'")
        .execute(&mut *connection)
        .await
        .unwrap();
    let mut days: Vec<NaiveDate> = ["2026-03-01", "0001-01-01", "9999-12-31", "1969-12-31"]
        .iter()
        .map(|day| day.parse().unwrap())
        .collect();
    days.extend(
        [(10_000, 1), (0, 2), (-43, 3)].map(|(y, m)| NaiveDate::from_ymd_opt(y, m, 1).unwrap()),
    );
    for day in days {
        let rendered: String = sqlx::query_scalar("SELECT cached.key_part($1::date)")
            .bind(day)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(rendered, part(&day));
    }
    for micros in [
        0,
        1,
        999,
        1_000,
        120_000,
        123_456,
        1_772_372_700_000_000,
        1_772_372_700_500_000,
        -1,
        -1_500,
    ] {
        let instant: DateTime<Utc> = DateTime::from_timestamp_micros(micros).unwrap();
        let rendered: String = sqlx::query_scalar("SELECT cached.key_part($1::timestamptz)")
            .bind(instant)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(rendered, part(&instant), "{micros}");
    }
}
