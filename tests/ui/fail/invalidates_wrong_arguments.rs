//! Calls with arguments that the cached function has not.

use cached_core::{cached, invalidates};

#[cached]
async fn course(id: u32, school: &str) -> u32 {
    let _ = school;
    id
}

struct Repo {
    tenant: u32,
}

impl Repo {
    #[cached(key = "own:<self.tenant>:<id>")]
    async fn own(&self, id: u32) -> u32 {
        id
    }

    #[invalidates(Self::own(id))]
    async fn no_receiver(&self, id: u32) {
        let _ = (id, self.tenant);
    }
}

#[invalidates(course(id))]
async fn too_few(id: u32) {
    let _ = id;
}

#[invalidates(course(id, "a", 1))]
async fn too_many(id: u32) {
    let _ = id;
}

#[invalidates(course(title, "a"))]
async fn wrong_type(title: String) {
    let _ = title;
}

#[invalidates(course(number, "a"))]
async fn no_such_argument(id: u32) {
    let _ = id;
}

fn main() {}
