//! How many keys a template has had, and the warning where they are too many.

use cached_core::{Cache, TemplateStats, cached};
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[cached(key = "search:<text>")]
async fn search(text: u32) -> u32 {
    text
}

#[cached(key = "page:<number>")]
async fn page(number: u32) -> u32 {
    number
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn keys(cache: &Cache, template: &str) -> u64 {
    let stats = cache.template_stats();
    let of = |stats: &&TemplateStats| stats.template == template;
    stats.iter().find(of).map_or(0, |stats| stats.keys)
}

#[tokio::test]
async fn too_many_keys_of_a_template_are_warned_of_once() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let cache = Cache::builder().max_keys_per_template(1_000).build().unwrap();
    let reads = async {
        for _ in 0..2 {
            for number in 0..2_000 {
                search(number).await;
                page(number % 100).await;
                let Ok(_) = cache
                    .read(format!("direct:{number}"))
                    .or_load(|| async { Ok::<_, std::convert::Infallible>(number) })
                    .await;
            }
        }
    };
    cache.scope(reads).await;
    let (many, few) = (keys(&cache, "search:<text>"), keys(&cache, "page:<number>"));
    assert!((1_800..2_200).contains(&many), "{many}");
    assert!((90..110).contains(&few), "{few}");
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("max_keys_per_template").count(), 1, "{text}");
    assert!(text.contains("`search:<text>` has had about 1"), "{text}");
}
