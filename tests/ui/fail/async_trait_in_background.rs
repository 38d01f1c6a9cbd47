//! Loads in the background in a trait impl whose block has no attribute, so that the trait is not known.

use async_trait::async_trait;
use cached_core::cached;

#[async_trait]
trait Courses {
    async fn course(&self, id: u32) -> Result<u32, std::io::Error>;
    async fn late(&self, id: u32) -> Result<u32, std::io::Error>;
    async fn count() -> u32;
    #[cached(stale_while_revalidate = "10s")]
    async fn default(&self) -> u32 {
        1
    }
}

#[derive(Clone)]
struct Repo;

// What the task would call.
impl Repo {
    async fn course(&self, id: u32) -> Result<u32, std::io::Error> {
        Ok(id)
    }
}

#[async_trait]
impl Courses for Repo {
    #[cached(stale_while_revalidate = "10s")]
    async fn course(&self, id: u32) -> Result<u32, std::io::Error> {
        Repo::course(self, id).await
    }

    #[cached(stale_if_error = "10m", timeout = "2s")]
    async fn late(&self, id: u32) -> Result<u32, std::io::Error> {
        Ok(id)
    }

    #[cached(stale_while_revalidate = "10s")]
    async fn count() -> u32 {
        1
    }
}

fn main() {}
