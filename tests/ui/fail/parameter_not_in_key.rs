//! A type or const parameter that the result depends on.

use cached_core::cached;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cached(key = "setting:<name>")]
async fn setting<T, const N: usize>(name: &str) -> [T; N]
where
    T: Default + Copy + Serialize + DeserializeOwned + Send + Sync + 'static,
    [T; N]: Serialize + DeserializeOwned,
{
    let _ = name;
    [T::default(); N]
}

#[cached(key = "course:<id>", skip(executor))]
async fn course<E: Send>(executor: E, id: u32) -> u32 {
    let _ = executor;
    id
}

fn main() {}
