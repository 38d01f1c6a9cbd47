//! The servers that a load asks, and what all its clients share.

use std::sync::Arc;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::sync::RwLock;

use super::mix::World;
use super::outage::Outage;

/// A server, and a client that is logged in there.
#[derive(Debug, Clone)]
pub struct Target {
    /// Such as `http://127.0.0.1:3000`.
    pub base: String,
    /// Carries the cookie.
    pub client: Client,
}

impl Target {
    /// Whether the server asks its Redis, and no invalidation waits to be sent there.
    pub async fn has_caught_up(&self) -> bool {
        let Ok(stats) = get(self, "/api/cache").await else { return false };
        let stats: Value = serde_json::from_str(&stats).unwrap_or_default();
        stats["remote_down"] == false && stats["invalidations_queued"] == 0
    }
}

/// The servers of a run.
#[derive(Debug)]
pub struct Servers {
    /// Those that share the load.
    pub targets: Vec<Target>,
    /// One that caches nothing. With it, every kind of write is made, and after each all pages that may show it are compared
    /// with what this one shows.
    pub truth: Option<Target>,
    /// Whether their Redis is there.
    pub outage: Arc<Outage>,
}

/// What all clients of a run share.
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) servers: Servers,
    /// Held by all who write, and alone by who compares pages: what is true must stay so meanwhile.
    pub(super) still: RwLock<()>,
}

/// What a server answers to a write.
pub(super) async fn send(
    target: &Target,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<(StatusCode, String), String> {
    let request = target.client.request(method, format!("{}{path}", target.base)).json(body);
    read(request, path).await
}

async fn read(request: RequestBuilder, path: &str) -> Result<(StatusCode, String), String> {
    let answer = request.send().await.map_err(|error| format!("{path}: {error:?}"))?;
    let status = answer.status();
    let body = answer.text().await.map_err(|error| format!("{path}: {error:?}"))?;
    Ok((status, body))
}

/// The body of a page that must be there.
pub(super) async fn get(target: &Target, path: &str) -> Result<String, String> {
    let (status, body) = read(target.client.get(format!("{}{path}", target.base)), path).await?;
    if status.is_success() { Ok(body) } else { Err(format!("{path}: {status}: {body}")) }
}
