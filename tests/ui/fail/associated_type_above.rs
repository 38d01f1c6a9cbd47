//! An argument in the key whose type is associated with another trait than the block's.

use cached_core::{KeyPart, cached, invalidates};
use std::future::Future;

trait Base {
    type Id: KeyPart + Send;
}

trait Courses: Base {
    fn course(&self, id: Option<Self::Id>) -> impl Future<Output = u32> + Send;
    fn rename(&self, id: Self::Id) -> impl Future<Output = ()> + Send;
}

struct Repo;

impl Base for Repo {
    type Id = u32;
}

#[cached]
impl Courses for Repo {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: Option<Self::Id>) -> u32 {
        id.unwrap_or_default()
    }

    #[invalidates(Self::course(Some(id)))]
    async fn rename(&self, id: Self::Id) {}
}

fn main() {}
