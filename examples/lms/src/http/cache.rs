//! `/api/cache`: what the cache has done so far.

use axum::Json as Reply;
use serde_json::{Value, json};

/// `GET /api/cache`.
pub(super) async fn stats() -> Reply<Value> {
    Reply(json!({}))
}
