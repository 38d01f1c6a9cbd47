//! Spans around what takes time, by which a trace shows the cache. A hit has none.

use cached_core::{Cache, cached, remote::transport::Memory};
use std::sync::{Arc, Mutex};
use tracing::span::Attributes;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Names {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &tracing::Id, _: Context<'_, S>) {
        self.0.lock().unwrap().push(attributes.metadata().name().to_owned());
    }
}

impl Names {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[cached(key = "spanned:<id>")]
async fn spanned(id: u32) -> u32 {
    id
}

#[tokio::test]
async fn a_miss_and_an_invalidation_are_seen_in_a_trace() {
    let names = Names::default();
    let subscriber = tracing_subscriber::registry().with(names.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let cache = Cache::builder().transport(Memory::default()).build().unwrap();
    cache.scope(spanned(7)).await;
    assert_eq!(names.take(), ["cached.lookup", "cached.load"]);
    // The backplane has not been heard, but a value is served for a while after its load.
    cache.scope(spanned(7)).await;
    assert_eq!(names.take(), [""; 0], "a hit");
    cache.remove("spanned:7").await;
    assert_eq!(names.take(), ["cached.invalidate"]);
}
