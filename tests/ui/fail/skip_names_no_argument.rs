//! `skip` with a name that is mistyped, `self`, or there twice.

use cached_core::cached;

struct Repo;

impl Repo {
    #[cached(key = "course:<id>", skip(pol, self, trace, trace))]
    async fn course(&self, pool: &str, id: u32, trace: u32) -> u32 {
        let _ = (pool, trace);
        id
    }
}

fn main() {}
