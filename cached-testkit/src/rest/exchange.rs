//! One request and its answer, as far as a client's manners show in them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One request to a REST front and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Of the request.
    pub method: String,
    /// Of the request, from the root.
    pub path: String,
    /// Of the request, by their names in lower case: those that the API knows. The token reads `<token>`.
    pub headers: BTreeMap<String, String>,
    /// The request's body.
    pub body: Value,
    /// Of the answer.
    pub status: u16,
    /// The sync token of the answer.
    pub sync_token: Option<String>,
    /// The answer's body.
    pub answer: Value,
}

/// The headers that the API knows.
pub(super) const HEADERS: [&str; 4] =
    ["authorization", "content-type", "upstash-encoding", "upstash-sync-token"];
