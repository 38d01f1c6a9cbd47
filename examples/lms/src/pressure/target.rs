//! The servers that a load asks, and what all its clients share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use reqwest::Client;

use super::mix::World;

/// A server, and a client that is logged in there.
#[derive(Debug, Clone)]
pub struct Target {
    /// Such as `http://127.0.0.1:3000`.
    pub base: String,
    /// Carries the cookie.
    pub client: Client,
}

/// What all clients of a run share.
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) targets: Vec<Target>,
    /// Redis is there, so that what another process wrote must be seen.
    pub(super) redis: Arc<AtomicBool>,
}

/// The body of a page that must be there.
pub(super) async fn get(target: &Target, path: &str) -> Result<String, String> {
    let answer = target.client.get(format!("{}{path}", target.base)).send().await;
    let answer = answer.map_err(|error| format!("{path}: {error:?}"))?;
    let status = answer.status();
    let body = answer.text().await.map_err(|error| format!("{path}: {error:?}"))?;
    if status.is_success() { Ok(body) } else { Err(format!("{path}: {status}: {body}")) }
}
