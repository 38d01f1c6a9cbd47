//! `lms serve`.

use std::error::Error;
use std::net::SocketAddr;

use super::arguments::Servers;
use super::{cache, stop};
use crate::{http, repository};

/// Serves until told to stop.
pub(super) async fn run(
    servers: &Servers,
    address: SocketAddr,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let cache = cache::install(servers.redis_url.as_deref())?;
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    let stop = stop::requested()?;
    let listener = http::bind(address, false).await?;
    println!("listening on http://{}", listener.local_addr()?);
    http::serve(listener, http::State::new(pool.clone(), cache), stop).await?;
    pool.close().await;
    println!("stopped");
    Ok(())
}
