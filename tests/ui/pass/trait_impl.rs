//! Trait impls: `#[cached]` on the block, `#[cached(..)]` on its methods. Associated types and generics work.

use cached_core::{cached, invalidates};
use std::future::Future;

trait Courses<U> {
    type Id;
    fn own(&self, user: U) -> impl Future<Output = u32> + Send;
    fn course(&self, id: Self::Id) -> impl Future<Output = Result<String, std::io::Error>> + Send;
    fn all(&self, page: u32) -> impl Future<Output = Vec<u32>> + Send;
    fn rename(&mut self, id: Self::Id, title: &str) -> impl Future<Output = ()> + Send;
}

trait Tenant: cached_core::KeyPart + Clone + Send + Sync {
    type Id: cached_core::KeyPart + Send + Sync;
}

impl Tenant for &'static str {
    type Id = u64;
}

struct Repo<T> {
    tenant: T,
}

#[cached]
impl<T: Tenant, U> Courses<U> for Repo<T>
where
    U: cached_core::KeyPart + Send + Sync,
{
    type Id = T::Id;

    // A parameter of the trait that the type has not.
    #[cached]
    async fn own(&self, user: U) -> u32 {
        let _ = user;
        1
    }

    #[cached(key = "course:<id>")]
    async fn course(&self, id: T::Id) -> Result<String, std::io::Error> {
        let _ = id;
        Ok("course".to_owned())
    }

    #[cached_core::cached(key = "all:<self.tenant>:<page>")]
    async fn all(&self, page: u32) -> Vec<u32> {
        vec![page]
    }

    #[invalidates(Self::course(id), self.all(0), Self::own(title))]
    async fn rename(&mut self, id: T::Id, title: &str) {
        let _ = (id, title);
    }
}

pub(crate) async fn run() {
    assert_eq!(Repo::<u8>::name(1).await, 1);
    Repo::<u8>::forget(1).await;
    let mut repo = Repo { tenant: "north" };
    assert_eq!(Courses::<u8>::course(&repo, 1).await.unwrap(), "course");
    assert_eq!(Courses::<u8>::all(&repo, 1).await, [1]);
    assert_eq!(Courses::<u8>::own(&repo, 1).await, 1);
    Courses::<u8>::rename(&mut repo, 1, "Rust").await;
}

trait Named {
    type Id: cached_core::KeyPart + Sync;
    fn name(id: Self::Id) -> impl Future<Output = u32> + Send;
    fn forget(id: Self::Id) -> impl Future<Output = ()> + Send;
}

#[cached]
impl Named for Repo<u8> {
    type Id = u32;

    #[cached]
    async fn name(id: Self::Id) -> u32 {
        id
    }

    #[invalidates(Self::name(id))]
    async fn forget(id: u32) {
        let _ = id;
    }
}
