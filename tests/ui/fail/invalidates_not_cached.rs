//! Calls of functions that are not there, or not cached.

use cached_core::{cached, invalidates};

#[cached]
async fn course(id: u32) -> u32 {
    id
}

async fn not_cached(id: u32) -> u32 {
    id
}

struct Repo;

impl Repo {
    #[cached]
    async fn recent(&self) -> u32 {
        1
    }

    async fn fresh(&self) -> u32 {
        1
    }

    #[invalidates(Self::recnt(), Self::fresh(), self.recent(), self.fresh())]
    async fn change(&self) {}
}

#[invalidates(cours(id), not_cached(id), missing::course(id))]
async fn change(id: u32) {
    let _ = id;
}

fn main() {}
