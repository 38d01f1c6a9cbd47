//! `batch`: a function of many ids, each of which is cached under its own key: that of the function of one id.

use async_trait::async_trait;
use cached_core::{Cache, KeyPart, cached, invalidates};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Mutex;

static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn load<I: Clone + Debug>(ids: &[I]) -> impl Iterator<Item = I> {
    ASKED.lock().unwrap().extend(ids.iter().map(|id| format!("{id:?}")));
    ids.iter().cloned()
}

/// The ids that were loaded since the last time.
fn asked() -> String {
    let mut asked = std::mem::take(&mut *ASKED.lock().unwrap());
    asked.sort();
    asked.join(" ")
}

type Found<K, V> = Result<HashMap<K, V>, std::io::Error>;

struct Repo {
    cache: Cache,
}

impl Repo {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> Result<u32, std::io::Error> {
        Ok(load(&[id]).count() as u32)
    }

    // Through an alias.
    #[cached(key = "course:<ids>", batch = ids)]
    async fn courses(&self, ids: &[u32]) -> Found<u32, u32> {
        Ok(load(ids).map(|id| (id, 1)).collect())
    }

    // By value, without a `Result`, in another cache, and with every option that a batch takes.
    #[cached(
        batch = ids,
        cache = self.cache,
        key = "titles:<ids.0>:<ids.1>:<language>",
        tags = ["school:<ids.0>", "title:<return.*>:<ids.1>:<language>", "all"],
        ttl = |title| if title.is_none() { cached_core::Ttl::SHORT } else { cached_core::Ttl::DAY },
        none = "short",
        cache_if = |title| title.as_deref() != Some("draft"),
        local = "10s",
        version = 3,
        skip(_trace)
    )]
    async fn titles(
        &self,
        language: String,
        mut ids: Vec<(u32, u32)>,
        _trace: &mut Vec<u32>,
    ) -> BTreeMap<(u32, u32), Option<String>> {
        ids.dedup();
        load(&ids).map(|id| (id, Some(language.clone()))).collect()
    }

    // A slice that the body shortens.
    #[cached(key = "shortened:<ids>", batch = ids)]
    async fn shortened(&self, mut ids: &[u32]) -> HashMap<u32, u32> {
        if let [0, rest @ ..] = ids {
            ids = rest;
        }
        load(ids).map(|id| (id, id)).collect()
    }

    #[invalidates(self.titles(language, (school, id)))]
    async fn retitle(&self, school: u32, id: u32, language: String) {}

    #[invalidates(Self::courses(id))]
    async fn rename(&self, id: u32) {}
}

// Without `key`, and with parameters.
#[cached(batch = ids)]
async fn generic<K, V, const N: usize>(ids: &[K]) -> Found<K, [V; 2]>
where
    K: KeyPart + Debug + Clone + Eq + Hash + Send + Sync,
    V: From<u8> + Copy + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Ok(load(ids).map(|id| (id, [V::from(N as u8); 2])).collect())
}

#[invalidates(generic::<String, u64, 2>(name.to_owned()))]
async fn change(name: &str) {}

#[async_trait]
trait Courses {
    async fn boxed(&self, ids: &[u64]) -> Found<u64, u64>;
}

#[async_trait]
#[cached]
impl Courses for Repo {
    #[cached(batch = ids, key = "boxed:<ids>")]
    async fn boxed(&self, ids: &[u64]) -> Found<u64, u64> {
        Ok(load(ids).map(|id| (id, id)).collect())
    }
}

pub(crate) async fn run() {
    let repo = Repo { cache: Cache::builder().build().unwrap() };
    assert_eq!(repo.courses(&[1, 2, 2]).await.unwrap(), HashMap::from([(1, 1), (2, 1)]));
    assert_eq!((repo.course(1).await.unwrap(), asked()), (1, "1 2".to_owned()));
    repo.rename(2).await;
    assert_eq!(repo.courses(&[1, 2, 3]).await.unwrap().len(), 3);
    assert_eq!(asked(), "2 3");

    assert_eq!(repo.shortened(&[0]).await, HashMap::new());
    assert_eq!((repo.shortened(&[4]).await, asked()), (HashMap::from([(4, 4)]), "4".to_owned()));

    let titles = |ids: &[(u32, u32)]| {
        let (ids, repo) = (ids.to_vec(), &repo);
        async move { repo.titles("en".to_owned(), ids, &mut Vec::new()).await.len() }
    };
    assert_eq!(titles(&[(1, 1), (1, 2), (2, 1)]).await, 3);
    asked();
    repo.retitle(1, 2, "en".to_owned()).await;
    assert_eq!((titles(&[(1, 1), (1, 2), (2, 1)]).await, asked()), (3, "(1, 2)".to_owned()));
    repo.cache.remove_tag("school:1").await;
    assert_eq!((titles(&[(1, 1), (2, 1)]).await, asked()), (2, "(1, 1)".to_owned()));
    repo.cache.remove_tag("title:en:1:en").await;
    assert_eq!((titles(&[(1, 1), (1, 2)]).await, asked()), (2, "(1, 1) (1, 2)".to_owned()));

    let names = ["a".to_owned(), "b".to_owned()];
    assert_eq!(generic::<_, u64, 2>(&names).await.unwrap()["a"], [2, 2]);
    assert_eq!(generic::<_, u64, 3>(&names).await.unwrap()["a"], [3, 3]);
    asked();
    change("a").await;
    assert_eq!(generic::<_, u64, 2>(&names).await.unwrap().len(), 2);
    assert_eq!(asked(), "\"a\"");

    assert_eq!(repo.boxed(&[7]).await.unwrap(), HashMap::from([(7, 7)]));
    assert_eq!((repo.boxed(&[7, 8]).await.unwrap().len(), asked()), (2, "7 8".to_owned()));
}
