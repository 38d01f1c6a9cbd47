//! From what the builder was told to transports over redis-rs. Connects to nothing yet.

use super::Redis;
use super::origin::Origin;
use crate::remote::transport::settings::Settings;
#[cfg(feature = "redis-cluster")]
use redis::IntoConnectionInfo;
use redis::{Client, RedisError};

/// One server, by its URL.
pub(crate) fn server(url: &str, settings: &Settings) -> Result<Redis, RedisError> {
    #[cfg(feature = "tls")]
    if let Some(certificates) = settings.certificates() {
        let client = Client::build_with_tls(url, certificates)?;
        return Ok(Redis::new(Origin::Server(Box::new(client)), settings.timeout));
    }
    Ok(Redis::new(Origin::Server(Box::new(Client::open(url)?)), settings.timeout))
}

/// The nodes of a cluster, by their URLs.
#[cfg(feature = "redis-cluster")]
pub(crate) fn cluster(urls: &[String], settings: &Settings) -> Result<super::Cluster, RedisError> {
    let nodes = urls.iter().map(|url| url.as_str().into_connection_info());
    let builder = redis::cluster::ClusterClientBuilder::new(nodes.collect::<Result<Vec<_>, _>>()?);
    #[cfg(feature = "tls")]
    let builder = match settings.certificates() {
        Some(certificates) => builder.certs(certificates),
        None => builder,
    };
    super::Cluster::new(builder, settings.timeout)
}

/// The primary that sentinels watch under the name that stands in place of the host.
#[cfg(feature = "redis-cluster")]
pub(crate) fn sentinel(
    sentinels: &[String],
    primary: &str,
    settings: &Settings,
) -> Result<Redis, RedisError> {
    use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
    use redis::{ConnectionAddr, TlsMode};
    let primary = primary.into_connection_info()?;
    let (name, secure) = match primary.addr() {
        ConnectionAddr::Tcp(name, _) => (name, false),
        ConnectionAddr::TcpTls { host, .. } => (host, true),
        _ => return Err((redis::ErrorKind::InvalidClientConfig, "no name of a primary").into()),
    };
    let mut clients = Vec::new();
    for sentinel in sentinels {
        let sentinel = sentinel.as_str().into_connection_info()?;
        let mut builder = SentinelClientBuilder::new(
            [sentinel.addr().clone()],
            name,
            SentinelServerType::Master,
        )?;
        let (to_redis, to_sentinel) = (primary.redis_settings(), sentinel.redis_settings());
        builder = builder.set_client_to_redis_db(to_redis.db());
        if let Some(user) = to_redis.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = to_redis.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(user) = to_sentinel.username() {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = to_sentinel.password() {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if secure {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        }
        #[cfg(feature = "tls")]
        if let Some(certificates) = settings.certificates() {
            builder = builder.set_client_to_redis_certificates(certificates.clone());
            builder = builder.set_client_to_sentinel_certificates(certificates);
        }
        clients.push(std::sync::Arc::new(tokio::sync::Mutex::new(builder.build()?)));
    }
    Ok(Redis::new(Origin::Sentinels(clients), settings.timeout))
}
