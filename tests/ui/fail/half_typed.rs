//! A body that is being typed raises the compiler's own error, at its place, and no other.

use cached_core::{cached, invalidates};

struct Repo {
    id: u32,
}

impl Repo {
    #[cached]
    async fn course(&self, id: u32) -> u32 {
        let _ = self.;
        id
    }

    #[invalidates(Self::course(id))]
    async fn change(&self, id: u32) {
        let id: u32 = ;
    }
}

fn main() {}
