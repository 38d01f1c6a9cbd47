//! Attributes that a `macro_rules` macro writes, with what it was given: text, expressions, types, calls, traits.

use cached_core::{cached, invalidates};
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

macro_rules! repository {
    ($name:ident($id:ident: $type:ty) -> $value:ty { $body:expr }, $key:literal, $tag:literal, $ttl:expr, $version:literal) => {
        #[cached(key = $key, tags = [$tag], ttl = $ttl, version = $version, local = $ttl, none = $ttl)]
        async fn $name($id: $type) -> Option<$value> {
            Some($body)
        }
    };
}

repository!(course(id: u32) -> u32 { id + load() }, "macros:course:<id>", "macros:courses", "10s", 2);

macro_rules! write {
    ($name:ident($id:ident), $call:expr, $tag:literal) => {
        #[invalidates($call, tags = [$tag])]
        async fn $name($id: u32) {}
    };
}

write!(rename(id), course(id), "macros:titles");

macro_rules! write_path {
    ($name:ident, $read:path, $ids:ty) => {
        #[invalidates($read(ids[0]))]
        async fn $name(ids: $ids) {
            let _ = ids;
        }
    };
}

write_path!(rename_first, self::course, &[u32]);

macro_rules! in_trait {
    ($of:path, $ty:ty, $late:expr, $ids:ty) => {
        #[cached]
        impl $of for $ty {
            #[cached(key = "macros:in_trait:<id>", timeout = "1m", timeout_error = $late)]
            async fn read(&self, id: u32) -> Result<u32, String> {
                Ok(id + load())
            }

            #[cached(key = "macros:batch:<ids>", batch = ids)]
            async fn many(&self, ids: $ids) -> HashMap<u32, u32> {
                ids.iter().map(|id| (*id, *id)).collect()
            }

            #[invalidates(Self::read(id))]
            async fn write(&self, id: u32) {
                let _ = id;
            }
        }
    };
}

trait Reads<T> {
    fn read(&self, id: u32) -> impl Future<Output = Result<u32, String>> + Send;
    fn many(&self, ids: &[u32]) -> impl Future<Output = HashMap<u32, u32>> + Send;
    fn write(&self, id: u32) -> impl Future<Output = ()> + Send;
}

struct Repo;

in_trait!(self::Reads<u8>, Repo, |limit| limit.to_string(), &[u32]);

pub(crate) async fn run() {
    let first = course(1).await;
    assert_eq!(course(1).await, first);
    rename(1).await;
    let second = course(1).await;
    assert_ne!(second, first);
    rename_first(&[1]).await;
    assert_ne!(course(1).await, second);
    let first = Repo.read(1).await.unwrap();
    assert_eq!(Repo.read(1).await.unwrap(), first);
    Repo.write(1).await;
    assert_ne!(Repo.read(1).await.unwrap(), first);
    assert_eq!(Repo.many(&[1]).await, HashMap::from([(1, 1)]));
}
