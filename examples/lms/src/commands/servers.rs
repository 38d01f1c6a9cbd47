//! Postgres and Redis for the demo: those that were given, or private ones that end with us.

use std::error::Error;

use cached_testkit::{PostgresServer, RedisServer, StartError};

/// The addresses, and whatever was started for them.
pub(super) struct DemoServers {
    pub(super) database_url: String,
    pub(super) redis_url: String,
    /// The private Redis, if one was started; ended when dropped, as the Postgres is.
    pub(super) redis: Option<RedisServer>,
    _postgres: Option<PostgresServer>,
}

impl DemoServers {
    /// Starts what is not given.
    ///
    /// # Errors
    ///
    /// A server's program is missing or does not start; the message says what to install.
    pub(super) async fn start(
        database_url: Option<String>,
        redis_url: Option<String>,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let start = move || -> Result<Self, StartError> {
            let (database_url, postgres) = match database_url {
                Some(url) => (url, None),
                None => {
                    println!("starting a private Postgres");
                    let server = PostgresServer::start()?;
                    (server.create_database("lms"), Some(server))
                }
            };
            let (redis_url, redis) = match redis_url {
                Some(url) => (url, None),
                None => {
                    println!("starting a private Redis");
                    let server = RedisServer::start()?;
                    (server.url(), Some(server))
                }
            };
            Ok(Self { database_url, redis_url, redis, _postgres: postgres })
        };
        Ok(tokio::task::spawn_blocking(start).await??)
    }
}
