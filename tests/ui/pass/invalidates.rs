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
    // What it changes is named as it was before.
    #[invalidates(key = ["course:<input.id>", "course:<more.*.id>"], tags = "course:<last>:<return>")]
    async fn save(&self, input: &mut Input, more: &mut Vec<Input>, last: &mut u64) -> u64 {
        input.id += 10;
        more.clear();
        *last += 1;
        *last
    }

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
    let (mut input, mut more) = (Input { id: 7 }, vec![Input { id: 8 }]);
    courses::course(8).await;
    assert_eq!(assert_send(service.save(&mut input, &mut more, &mut 1)).await, 2);
    assert_eq!((input.id, more.len()), (17, 0));
    assert_eq!((courses::course(7).await, courses::course(8).await), (7, 8));
    assert_eq!(LOADS.load(Ordering::Relaxed), 5);
    assert_eq!(service.repo.recent("a").await, "a");
}
