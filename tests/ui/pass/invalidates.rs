//! `#[invalidates]`: calls of functions in other modules and of other objects; on top of each other; arguments that
//! are expressions; `Send` futures.

use cached_core::invalidates;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

mod courses {
    #[cached_core::cached(key = "course:<id>")]
    pub(crate) async fn course(id: u64) -> u64 {
        super::LOADS.fetch_add(1, super::Ordering::Relaxed);
        id
    }

    pub(super) struct Repo {
        pub(super) tenant: String,
    }

    impl Repo {
        #[cached_core::cached(key = "recent:<self.tenant>:<name>")]
        pub(super) async fn recent(&self, name: &str) -> String {
            name.to_owned()
        }
    }
}

struct Service {
    repo: courses::Repo,
}

struct Input {
    id: u64,
}

impl Service {
    #[invalidates(courses::course(input.id), self.repo.recent("a"), self.repo.recent(&name), key = "input:<input.id>")]
    #[invalidates(self::courses::course(input.id + 1), tags = ["name:<name>"])]
    async fn change(&self, input: Input, name: String) -> Result<u64, std::io::Error> {
        let (input, name) = (input, name);
        tokio::task::yield_now().await;
        Ok(input.id + name.len() as u64)
    }
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

pub(crate) async fn run() {
    let service = Service { repo: courses::Repo { tenant: "north".to_owned() } };
    assert_send(courses::course(7)).await;
    assert_send(service.change(Input { id: 7 }, "a".to_owned())).await.unwrap();
    courses::course(7).await;
    assert_eq!(LOADS.load(Ordering::Relaxed), 2);
    assert_eq!(service.repo.recent("a").await, "a");
}
