//! `lms import` and `lms seed`.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use super::arguments::Servers;
use super::cache;
use crate::load;
use crate::repository::{self, Counts};

/// Loads a folder.
pub(super) async fn folder(
    folder: &Path,
    servers: &Servers,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let pool = prepare(servers).await?;
    let counts = load::folder(&pool, folder).await?;
    report(&counts, started);
    Ok(())
}

/// Loads the generated data set.
pub(super) async fn generated(servers: &Servers) -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let pool = prepare(servers).await?;
    let counts = load::generated(&pool).await?;
    report(&counts, started);
    Ok(())
}

async fn prepare(servers: &Servers) -> Result<sqlx::PgPool, Box<dyn Error + Send + Sync>> {
    cache::install(servers.redis_url.as_deref());
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    Ok(pool)
}

/// Prints what was loaded.
pub(super) fn report(counts: &Counts, started: Instant) {
    println!("{:<18}{:>10}{:>10}{:>10}{:>14}", "", "read", "new", "changed", "in database");
    for count in &counts.tables {
        println!(
            "{:<18}{:>10}{:>10}{:>10}{:>14}",
            count.table, count.read, count.new, count.changed, count.total
        );
    }
    println!("{}, in {:.1} s", counts.summary(), started.elapsed().as_secs_f64());
}
