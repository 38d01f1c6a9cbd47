//! A page about a cache that is kept busy: `cargo run -p cached-dashboard --example dashboard`, then
//! <http://127.0.0.1:8088/cache>. With `REDIS_URL` set there is a remote tier too.

use cached_core::{Cache, Invalidation, cached, install, invalidates, key};
use cached_dashboard::Dashboard;
use std::time::Duration;

#[cached(key = "course:<id>", ttl = "5s", tags = ["teacher:<return.1>"], stale_if_error = "1m")]
async fn course(id: u64) -> Result<(u64, u64), String> {
    tokio::time::sleep(Duration::from_millis(5 + fastrand::u64(..20))).await;
    if fastrand::u8(..) < 4 { Err("the database is away".to_owned()) } else { Ok((id, id % 7)) }
}

#[cached(key = "courses:page:<page>", ttl = "short")]
async fn courses(page: u32) -> Vec<u64> {
    tokio::time::sleep(Duration::from_millis(30)).await;
    (0..10).map(|at| u64::from(page) * 10 + at).collect()
}

#[cached(key = "dashboard:<user>", ttl = "medium")]
async fn dashboard(user: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(60)).await;
    user
}

/// Nothing invalidates it: the page warns.
#[cached(key = "revenue", ttl = "2s")]
async fn revenue() -> u64 {
    tokio::time::sleep(Duration::from_millis(120)).await;
    1_000
}

#[invalidates(course(id), pattern = "courses:page:*")]
async fn rename_course(id: u64) {}

#[invalidates(tags = ["teacher:<teacher>"], with = enrolled(teacher))]
async fn move_teacher(teacher: u64) {}

fn enrolled(user: u64) -> Invalidation {
    Invalidation::new().key(key!("dashboard:<user>"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Cache::builder().namespace("dashboard-example");
    if let Ok(url) = std::env::var("REDIS_URL") {
        builder = builder.redis(url);
    }
    let cache = builder.build()?;
    install(cache.clone())?;
    for _ in 0..4 {
        tokio::spawn(visit());
    }
    let page = Dashboard::new(&cache)
        .title("Dashboard example")
        .show_keys(true)
        .allow_writes(true)
        .registry(|registry| registry.event("enrolled", enrolled(1)));
    let app = axum::Router::new().nest("/cache", page.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8088").await?;
    println!("http://{}/cache", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// A visitor: some courses are asked for more than others, and now and then something changes.
async fn visit() {
    loop {
        let id = (fastrand::f64().powi(3) * 200.0) as u64;
        let _ = course(id).await;
        courses(fastrand::u32(..5)).await;
        dashboard(id % 40).await;
        revenue().await;
        match fastrand::u8(..100) {
            0 => rename_course(id).await,
            1 => move_teacher(id % 7).await,
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..10))).await;
    }
}
