//! `lms demo`: everything that it takes to see the application run.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Instant;

use sqlx::PgPool;
use tokio::sync::oneshot;

use super::arguments::Demo;
use super::logging::Logs;
use super::servers::DemoServers;
use super::{cache, import, stop, tour};
use crate::service::{Services, Variant};
use crate::{http, load, repository};

type Failure = Box<dyn Error + Send + Sync>;

/// Starts servers, loads data, serves, gives the tour, and stays unless told to exit.
pub(super) async fn run(demo: Demo, logs: &Logs) -> Result<(), Failure> {
    let mut stop = pin!(stop::requested()?);
    let servers = tokio::select! {
        servers = DemoServers::start(demo.database_url, demo.redis_url) => servers?,
        () = &mut stop => return Ok(()),
    };
    let outcome = tokio::select! {
        outcome = show(&servers, demo.data, demo.addr, demo.exit, logs) => outcome,
        () = &mut stop => {
            println!("\nstopped");
            Ok(())
        }
    };
    logs.off();
    // Ends the private ones.
    drop(servers);
    outcome
}

async fn show(
    servers: &DemoServers,
    data: Option<PathBuf>,
    address: SocketAddr,
    exit: bool,
    logs: &Logs,
) -> Result<(), Failure> {
    let namespace = cache::own_namespace("demo");
    let cache = cache::install(Some(&servers.redis_url), &namespace, Variant::Cached)?;
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    load_data(&pool, data).await?;
    let listener = http::bind(address, true).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let services = Services::new(pool.clone(), cache);
    let (finish, finished) = oneshot::channel::<()>();
    let service = tokio::spawn(http::serve(listener, services, Variant::Cached, async {
        let _ = finished.await;
    }));
    tour::run(&url, logs).await?;
    if !exit {
        println!(
            "\nOpen {url} in a browser; the cache, live, for administrators: {url}{}",
            http::LIVE_PAGE
        );
        println!("Ctrl-c ends it all.");
        std::future::pending::<()>().await;
    }
    drop(finish);
    service.await??;
    pool.close().await;
    Ok(())
}

pub(super) async fn load_data(pool: &PgPool, asked: Option<PathBuf>) -> Result<(), Failure> {
    let started = Instant::now();
    let counts = match asked.or_else(beside_the_workspace) {
        Some(folder) => {
            println!("loading the Open University's data set from {}", folder.display());
            load::folder(pool, &folder).await?
        }
        None => {
            println!("loading a made-up data set of the size of the Open University's");
            load::generated(pool).await?
        }
    };
    import::report(&counts, started);
    Ok(())
}

/// `../shared/data/oulad`, seen from the folder of the workspace.
fn beside_the_workspace() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/oulad");
    folder.join("courses.csv").is_file().then(|| folder.canonicalize().ok()).flatten()
}
