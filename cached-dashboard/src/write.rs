//! Invalidating by hand: only where it was allowed, and only from the page itself.

use crate::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use cached_core::{Delivery, Key};
use serde::Deserialize;
use std::sync::Arc;

/// The header with the page's token. A header of one's own cannot be sent from another site without being asked for first.
const TOKEN: &str = "x-cached-token";
/// Longer keys are digests, which nobody types.
const LONGEST: usize = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    kind: Kind,
    text: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Key,
    Tag,
}

type Answer = (StatusCode, &'static str);

pub(crate) async fn invalidate(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Answer {
    if !comes_from_the_page(&headers, &shared.token) {
        return (
            StatusCode::FORBIDDEN,
            "reload the page and try again: its token is not this server's",
        );
    }
    let text = wanted.text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return (StatusCode::UNPROCESSABLE_ENTITY, "write a key or tag of 1 to 512 bytes");
    }
    let (cache, what) = (&shared.settings.cache, Key::from(text));
    let delivery = match wanted.kind {
        Kind::Key => cache.remove(what).await,
        Kind::Tag => cache.remove_tag(what).await,
    };
    match delivery {
        Delivery::Done => (StatusCode::OK, "invalidated in every tier"),
        _ => (StatusCode::ACCEPTED, "invalidated here; the rest waits for the remote tier"),
    }
}

fn comes_from_the_page(headers: &HeaderMap, token: &str) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.as_bytes());
    // Browsers say where a request comes from; others need not.
    let same_site = header("sec-fetch-site").is_none_or(|from| from == b"same-origin");
    same_site && header(TOKEN).is_some_and(|given| equal(given, token.as_bytes()))
}

/// In a time that does not tell how much of it is right.
fn equal(given: &[u8], token: &[u8]) -> bool {
    let differ = given.iter().zip(token).fold(0, |differ, (a, b)| differ | (a ^ b));
    given.len() == token.len() && differ == 0
}
