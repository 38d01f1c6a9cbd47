//! A load that began before an invalidation repopulates no tier, whoever invalidated.

use crate::process::{Source, World, eventually};
use cached_core::{Cache, Pattern, cached};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Clone, Copy)]
enum By {
    Key,
    Tag,
    ValueTag,
    Pattern,
}

pub async fn by_key(world: &World<'_>) {
    run(world, By::Key).await;
}

pub async fn by_tag(world: &World<'_>) {
    run(world, By::Tag).await;
}

pub async fn by_tag_of_the_value(world: &World<'_>) {
    run(world, By::ValueTag).await;
}

pub async fn by_pattern(world: &World<'_>) {
    run(world, By::Pattern).await;
}

/// A load that stands still after it has read, until it is told to go on.
#[derive(Clone, Default)]
struct Pause {
    loaded: Arc<Notify>,
    resume: Arc<Notify>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Value {
    tag: String,
    version: u32,
}

#[cached(cache = cache, key = "stale:<key>", tags = ["t", "v:<return.tag>"], skip(cache, source, pause))]
async fn load(
    cache: &Cache,
    source: &Source,
    pause: Option<Pause>,
    key: u32,
) -> Result<Value, Infallible> {
    let version = source.load().await?;
    if let Some(pause) = pause {
        pause.loaded.notify_one();
        pause.resume.notified().await;
    }
    Ok(Value { tag: format!("tag{key}"), version })
}

async fn run(world: &World<'_>, by: By) {
    for by_other in [false, true] {
        let (a, b) = world.pair().await;
        let (source, pause, key) = (Source::default(), Pause::default(), u32::from(by_other));
        let slow = tokio::spawn({
            let (a, source, pause) = (a.clone(), source.clone(), pause.clone());
            async move { load(&a, &source, Some(pause), key).await.unwrap().version }
        });
        pause.loaded.notified().await;
        source.write();
        let writer = if by_other { &b } else { &a };
        match by {
            By::Key => writer.remove(format!("stale:{key}")).await,
            By::Tag => writer.remove_tag("t").await,
            By::ValueTag => writer.remove_tag(format!("v:tag{key}")).await,
            By::Pattern => writer.remove_pattern(Pattern::parse("stale:*").unwrap()).await,
        };
        pause.resume.notify_one();
        assert_eq!(slow.await.unwrap(), 0, "who asked before gets what was loaded");
        if by_other {
            eventually("a hears", || a.stats().invalidations_received == 1).await;
        }
        for cache in [&b, &a] {
            assert_eq!(
                load(cache, &source, None, key).await.unwrap().version,
                1,
                "by_other {by_other}"
            );
        }
    }
}
