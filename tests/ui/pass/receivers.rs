//! Receivers: `&self`, `self`, `self: Arc<Self>`, none; generic types; `self` in the key only where named.

use cached_core::{cached, invalidates};
use std::sync::Arc;

#[derive(Clone)]
struct Repo<'a, T> {
    tenant: &'a str,
    kind: std::marker::PhantomData<T>,
}

impl<'a, T: Send + Sync + Clone> Repo<'a, T> {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> Result<u32, std::io::Error> {
        Ok(id)
    }

    #[cached(key = "of:<self.tenant>:<id>", tags = ["tenant:<self.tenant>"])]
    pub(crate) async fn of_tenant(&self, id: u32) -> String {
        format!("{}{id}", self.tenant)
    }

    #[cached]
    async fn by_value(self) -> String {
        self.tenant.to_owned()
    }

    #[cached(key = "shared:<self.tenant>:<N>")]
    async fn shared<const N: usize>(self: Arc<Self>) -> usize {
        N
    }

    #[cached(key = "none:<id>")]
    async fn associated(id: u32) -> u32 {
        id
    }

    #[invalidates(
        Self::course(id), Self::associated(id), Self::by_value(), self.of_tenant(id), self.shared::<3>(),
        key = ["own:<self.tenant>", "own:<id>"]
    )]
    async fn change(&mut self, id: u32) -> Result<(), std::io::Error> {
        self.tenant = "changed";
        Ok(())
    }
}

// A default method: the companion is one too.
#[allow(async_fn_in_trait)]
trait Named: Sync {
    fn tenant(&self) -> &str;

    #[cached]
    async fn name(&self, id: u32) -> String {
        format!("{} {id}", self.tenant())
    }

    #[invalidates(Self::name(id))]
    async fn rename(&mut self, id: u32) {
        let _ = id;
    }
}

impl<T: Sync> Named for Repo<'_, T> {
    fn tenant(&self) -> &str {
        self.tenant
    }
}

pub(crate) async fn run() {
    let mut repo = Repo { tenant: "north", kind: std::marker::PhantomData::<u8> };
    assert_eq!(repo.course(1).await.unwrap(), 1);
    assert_eq!(repo.of_tenant(1).await, "north1");
    assert_eq!(repo.clone().by_value().await, "north");
    assert_eq!(Arc::new(repo.clone()).shared::<3>().await, 3);
    assert_eq!(Repo::<u8>::associated(1).await, 1);
    assert_eq!(repo.name(1).await, "north 1");
    repo.rename(1).await;
    repo.change(1).await.unwrap();
    assert_eq!(repo.of_tenant(1).await, "changed1");
}
