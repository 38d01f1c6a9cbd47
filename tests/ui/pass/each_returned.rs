//! `.*` in `<return..>`: each element of a collection, and what is in an `Option`.

use cached_core::{cached, invalidates};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Serialize, Deserialize)]
struct Course {
    id: u32,
    teacher: Option<u32>,
    students: Vec<(u32, String)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Dashboard {
    name: String,
    courses: Vec<Course>,
}

fn course(id: u32) -> Course {
    Course { id, teacher: (id == 1).then_some(100), students: vec![(id * 10, "a:b".to_owned())] }
}

#[cached(
    key = "dashboard:<user>",
    tags = [
        "course:<return.courses.*.id>", "teacher:<return.courses.*.teacher.*>", "user:<user>",
        "student:<user>:<return.name>:<return.courses.*.id>:<return.courses.*.students.*.1>",
    ]
)]
async fn dashboard(user: String) -> Result<Dashboard, std::io::Error> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    Ok(Dashboard { name: user, courses: vec![course(1), course(2), course(1)] })
}

#[cached(key = "maybe:<id>", tags = ["course:<return.*.id>"])]
async fn maybe(id: u32) -> Option<Course> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    (id > 0).then(|| course(id))
}

// Whatever has `iter`, behind pointers too.
#[cached(tags = ["n:<return.*>"])]
async fn shared() -> Arc<Vec<u32>> {
    Arc::new(vec![1, 2])
}

#[cached(tags = ["n:<return.*.0>:<return.*.1:hash>"])]
async fn map() -> BTreeMap<u32, String> {
    BTreeMap::from([(1, "a".to_owned())])
}

#[invalidates(tags = "course:<id>")]
async fn rename(id: u32) {}

#[invalidates(tags = "teacher:<id>")]
async fn retire(id: u32) {}

#[invalidates(tags = "student:<user>:<user>:<course>:<name>")]
async fn leave(user: &str, course: u32, name: &str) {}

#[invalidates(
    key = "maybe:<return.*.id>", tags = ["n:<return.*.teacher.*>", "user:<user>"], pattern = "page:<user>:<return.*.id>:*"
)]
async fn import(user: String) -> Result<Vec<Course>, std::io::Error> {
    drop(user);
    Ok(vec![course(1), course(2)])
}

async fn loads() -> u32 {
    dashboard("ada".to_owned()).await.unwrap();
    LOADS.load(Ordering::Relaxed)
}

pub(crate) async fn run() {
    assert_eq!((loads().await, loads().await), (1, 1));
    rename(2).await;
    assert_eq!((loads().await, loads().await), (2, 2));
    rename(3).await;
    assert_eq!(loads().await, 2);
    retire(100).await;
    assert_eq!(loads().await, 3);
    leave("ada", 2, "a:b").await;
    assert_eq!(loads().await, 4);
    leave("ada", 1, "a").await;
    assert_eq!(loads().await, 4);

    assert!(maybe(0).await.is_none());
    assert_eq!(maybe(7).await.map(|course| course.id), Some(7));
    rename(7).await;
    assert!(maybe(7).await.is_some() && maybe(0).await.is_none());
    assert_eq!(LOADS.load(Ordering::Relaxed), 7, "the absent one has no tag");

    maybe(2).await;
    import("ada".to_owned()).await.unwrap();
    assert_eq!(loads().await, 9, "by the user's tag");
    maybe(2).await;
    assert_eq!(LOADS.load(Ordering::Relaxed), 10, "by its key");
    assert_eq!(shared().await.len() + map().await.len(), 3);
}
