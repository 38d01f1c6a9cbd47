//! Type and const parameters: in the key by name, as the length of an array, or skipped.

use cached_core::{KeyPart, cached, invalidates};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;

trait Kind: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl Kind for u8 {}
impl Kind for String {}

#[cached(key = "load:<T>:<id>:<N>")]
async fn load<T, const N: usize>(id: u32) -> Result<Vec<T>, std::io::Error>
where
    T: Kind,
{
    let _ = id;
    Ok(vec![T::default(); N])
}

#[cached]
async fn by_default<T: Kind, I: KeyPart + Send + Sync>(id: I) -> T {
    let _ = id;
    T::default()
}

#[cached(key = "len:<I>:<ids>")]
async fn len<I: KeyPart + Sync>(ids: &[I]) -> usize {
    ids.len()
}

// `N` is how many there are; on `S` nothing depends.
#[cached(key = "all:<A>:<B>:<C>:<ids>:<pair>:<some>", skip(S))]
#[allow(clippy::type_complexity)]
async fn all<A, B, C, S, const N: usize>(
    ids: &[Arc<A>; N],
    pair: (Typed<S>, Vec<B>),
    some: Option<&C>,
) -> usize
where
    A: KeyPart + Send + Sync,
    B: KeyPart + Send + Sync,
    C: KeyPart + Sync,
    S: Send + Sync,
{
    let _ = some;
    ids.len() + pair.1.len()
}

#[derive(KeyPart)]
struct Typed<T>(u32, PhantomData<T>);

// The same id of two types is two keys.
#[cached(key = "kind:<T>:<id>")]
async fn kind<T: Kind>(id: Typed<T>) -> String {
    format!("{} {}", std::any::type_name::<T>(), id.0)
}

#[invalidates(load::<u8, 2>(id), by_default::<String, u32>(id), len(&[id]))]
async fn change(id: u32) {}

struct Repo<T>(T);

impl<T: Sync> Repo<T> {
    #[cached(key = "name:<Self>")]
    async fn name(&self) -> String {
        std::any::type_name::<T>().to_owned()
    }

    #[invalidates(Self::name(), key = "other:<Self>")]
    async fn rename(&self) {}
}

pub(crate) async fn run() {
    assert_eq!((Repo(1_u8).name().await, Repo(1_u16).name().await), ("u8".into(), "u16".into()));
    Repo(1_u8).rename().await;
    assert_eq!(load::<u8, 2>(1).await.unwrap(), [0, 0]);
    assert_eq!(load::<String, 2>(1).await.unwrap(), ["", ""]);
    assert_eq!(load::<u8, 1>(1).await.unwrap(), [0]);
    assert_eq!(by_default::<u8, u32>(1).await, 0);
    assert_eq!(by_default::<String, u32>(1).await, "");
    assert_eq!(len(&[1, 2]).await, 2);
    assert_eq!(all(&[Arc::new(1)], (Typed::<u8>(1, PhantomData), vec!["a"]), Some(&2)).await, 2);
    assert_ne!(
        kind(Typed::<u8>(1, PhantomData)).await,
        kind(Typed::<String>(1, PhantomData)).await
    );
    change(1).await;
}
