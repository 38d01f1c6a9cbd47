//! Which server a cache was told to use, and how to get a transport to it. Connects to nothing yet.

use super::Transport;
use super::settings::Settings;
use crate::error::Error;
use std::sync::Arc;

/// The remote tier as the builder was told of it.
pub(crate) enum Server {
    None,
    Given(Arc<dyn Transport>),
    #[cfg(feature = "redis")]
    Redis(String),
    #[cfg(feature = "redis-cluster")]
    Cluster(Vec<String>),
    #[cfg(feature = "redis-cluster")]
    Sentinel {
        sentinels: Vec<String>,
        primary: String,
    },
    /// A URL and its token; `None` where the environment says them.
    #[cfg(feature = "upstash")]
    Upstash(Option<(String, String)>),
}

impl Server {
    /// A transport; `None` if there is no remote tier.
    pub(crate) fn transport(
        self,
        settings: &Settings,
    ) -> Result<Option<Arc<dyn Transport>>, Error> {
        #[cfg(feature = "tls")]
        super::tls::ensure_provider();
        #[cfg(feature = "redis")]
        use super::redis::open;
        #[cfg(feature = "upstash")]
        use super::upstash::{Address, Upstash};
        #[cfg(not(any(feature = "redis", feature = "upstash")))]
        let _ = settings;
        Ok(match self {
            Self::None => None,
            Self::Given(transport) => Some(transport),
            #[cfg(feature = "redis")]
            Self::Redis(url) => {
                refuse_plain_text(settings, [&url])?;
                let opened = open::server(&url, settings);
                Some(Arc::new(opened.map_err(|error| unreadable([&url], error))?))
            }
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(urls) => {
                refuse_plain_text(settings, &urls)?;
                let opened = open::cluster(&urls, settings);
                Some(Arc::new(opened.map_err(|error| unreadable(&urls, error))?))
            }
            #[cfg(feature = "redis-cluster")]
            Self::Sentinel { sentinels, primary } => {
                refuse_plain_text(settings, [&primary])?;
                let opened = open::sentinel(&sentinels, &primary, settings);
                let urls = sentinels.iter().chain([&primary]);
                Some(Arc::new(opened.map_err(|error| unreadable(urls, error))?))
            }
            #[cfg(feature = "upstash")]
            Self::Upstash(given) => {
                let address = match given {
                    Some((url, token)) => Address::new(&url, &token)?,
                    None => Address::from_env()?,
                };
                Some(Arc::new(Upstash::new(address, settings)?))
            }
        })
    }
}

/// Who names certificates means to speak TLS with every server.
#[cfg(feature = "redis")]
fn refuse_plain_text<'a>(
    settings: &Settings,
    urls: impl IntoIterator<Item = &'a String>,
) -> Result<(), Error> {
    #[cfg(feature = "tls")]
    if settings.certificates().is_some()
        && !urls.into_iter().all(|url| url.starts_with("rediss:") || url.starts_with("valkeys:"))
    {
        let message = "there are certificates, but a URL without TLS: write it as rediss://, or call no `tls`";
        return Err(Error::new(crate::error::ErrorKind::Config, message));
    }
    #[cfg(not(feature = "tls"))]
    let _ = (settings, urls.into_iter());
    Ok(())
}

/// A URL may hold a password: it is not repeated.
#[cfg(feature = "redis")]
fn unreadable<'a>(urls: impl IntoIterator<Item = &'a String>, error: redis::RedisError) -> Error {
    let mut urls = urls.into_iter();
    let message = if !cfg!(feature = "tls") && urls.any(|url| url.starts_with("rediss:")) {
        "`rediss://` needs TLS: enable the feature `tls` of cached-core"
    } else {
        "the Redis URL cannot be read: write it as redis://user:password@host:6379/0"
    };
    Error::new(crate::error::ErrorKind::Config, message).with(error)
}
