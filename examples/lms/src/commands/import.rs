//! `lms import` and `lms seed`.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use cached_core::Cache;
use sqlx::PgPool;

use super::arguments::Servers;
use super::cache;
use crate::load;
use crate::repository::{self, Counts};
use crate::service::Variant;

/// Loads a folder.
pub(super) async fn folder(
    folder: &Path,
    servers: &Servers,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let (pool, cache) = prepare(servers).await?;
    let counts = load::folder(&pool, folder).await?;
    report(&counts, started);
    warn_of_old_values(servers, &cache);
    Ok(())
}

/// Loads the generated data set.
pub(super) async fn generated(servers: &Servers) -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let (pool, cache) = prepare(servers).await?;
    let counts = load::generated(&pool).await?;
    report(&counts, started);
    warn_of_old_values(servers, &cache);
    Ok(())
}

async fn prepare(servers: &Servers) -> Result<(PgPool, Cache), Box<dyn Error + Send + Sync>> {
    let cache = cache::install(servers.redis_url.as_deref(), &servers.namespace, Variant::Cached)?;
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    Ok((pool, cache))
}

/// An import empties the cache; says so when it could not, because this process ends now and with
/// it the queue of what is still to be invalidated.
fn warn_of_old_values(servers: &Servers, cache: &Cache) {
    let reason = match &servers.redis_url {
        None => "REDIS_URL is not set",
        Some(_) if cache.queued() > 0 => "Redis does not answer",
        Some(_) => return,
    };
    eprintln!(
        "{reason}: a service that runs already may show what it has cached for up to an hour"
    );
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
