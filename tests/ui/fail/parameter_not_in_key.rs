//! A type or const parameter that the result depends on.

use cached_core::{KeyPart, cached};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

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

trait Table {
    type Id: KeyPart + Send + Sync;
    const NAME: &str;
}

#[derive(KeyPart)]
struct Id<T>(u64, PhantomData<fn() -> T>);

struct Request<T> {
    id: u64,
    of: T,
}

struct Board<const N: usize>;

// What is rendered is the same for every table.
#[cached(key = "exists:<id>")]
async fn typed<T: Table>(id: Id<T>) -> String {
    format!("{} {}", T::NAME, id.0)
}

#[cached(key = "row:<id>")]
async fn projected<T: Table>(id: &T::Id) -> usize {
    let _ = id;
    T::NAME.len()
}

#[cached(key = "part:<request.id>")]
async fn in_a_field<T: Table + Sync>(request: &Request<T>) -> u64 {
    let _ = &request.of;
    request.id
}

#[cached(key = "board:<board>", skip(other))]
async fn const_of_a_type<const N: usize>(board: Board<N>, other: [u8; N]) -> usize {
    let _ = (board, other);
    N
}

// A value does not tell its type.
#[cached(key = "exists:<id>")]
async fn newtype<I: Table + KeyPart + Sync>(id: &I) -> usize {
    let _ = id;
    I::NAME.len()
}

#[cached(key = "of:<kind>", skip(id))]
async fn second<K: KeyPart + Send + Sync>((id, kind): (u32, K)) -> u32 {
    let _ = (id, kind);
    0
}

fn main() {}
