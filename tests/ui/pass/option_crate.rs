//! `crate`: where cached-core is, if a dependency was renamed or re-exported.

mod house {
    pub(crate) use cached_core as cache;
}

use house::cache::{cached, invalidates};

#[cached(crate = self::house::cache, key = "course:<id>")]
async fn course(id: u32) -> u32 {
    id
}

#[invalidates(course(id), crate = self::house::cache)]
async fn change(id: u32) {}

pub(crate) async fn run() {
    let id = 1;
    assert_eq!(course(id).await, 1);
    change(id).await;
    // `key!` finds its crate by itself.
    assert_eq!(house::cache::key!("course:<id>").as_str(), "course:1");
}
