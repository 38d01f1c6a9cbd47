//! `lms serve`.

use std::error::Error;
use std::net::SocketAddr;

use super::arguments::Servers;
use super::{cache, stop, warm};
use crate::service::{ByHand, Services, Variant};
use crate::{http, repository};

/// Serves until told to stop.
pub(super) async fn run(
    servers: &Servers,
    address: SocketAddr,
    variant: Variant,
    warm: u32,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let cache = cache::install(servers.redis_url.as_deref(), &servers.namespace, variant)?;
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    let mut services = Services::new(pool.clone(), cache);
    if variant == Variant::ByHand {
        let url = servers.redis_url.as_deref().ok_or("caching by hand needs --redis-url")?;
        let hand = ByHand::connect(url, &servers.namespace, pool.clone()).await?;
        services = services.by_hand(hand);
    }
    if warm > 0 && variant != Variant::None {
        warm::warm(&services, variant, warm, 8).await?;
    }
    let stop = stop::requested()?;
    let listener = http::bind(address, false).await?;
    println!("listening on http://{}", listener.local_addr()?);
    http::serve(listener, services, variant, stop).await?;
    pool.close().await;
    println!("stopped");
    Ok(())
}
