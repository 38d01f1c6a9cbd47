//! `tags`: of arguments, which the body may take, and of the returned value.

use cached_core::{cached, invalidates};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Course {
    school: String,
    teacher_id: u32,
}

#[cached(
    key = "course:<id>:<school>",
    tags = ["school:<school>", "teacher:<return.teacher_id>", "school:<school>:teacher:<return.teacher_id>", "courses"],
)]
async fn course(school: String, id: u32) -> Result<Course, std::io::Error> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    Ok(Course { school, teacher_id: id + 100 })
}

// One tag needs no list; a plain value is tagged too.
#[cached(key = "count:<school>", tags = "school:<school>:count:<return>")]
async fn count(school: &str) -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    school.len() as u32
}

// A tag over the limit is the same, whether its parts are rendered before the body or after it.
#[invalidates(tags = "school:<school>:count:<count>")]
async fn recount(school: &str, count: u32) {}

#[invalidates(tags = ["school:<school>"])]
async fn close(school: &str) {}

#[invalidates(tags = "teacher:<teacher>")]
async fn retire(teacher: u32) {}

#[invalidates(tags = "school:<school>:teacher:<return>")]
async fn transfer(school: String) -> Option<u32> {
    drop(school);
    Some(107)
}

async fn loads() -> u32 {
    course("north".to_owned(), 7).await.unwrap();
    LOADS.load(Ordering::Relaxed)
}

pub(crate) async fn run() {
    assert_eq!((loads().await, loads().await), (1, 1));
    close("north").await;
    assert_eq!((loads().await, loads().await), (2, 2));
    retire(107).await;
    assert_eq!((loads().await, loads().await), (3, 3));
    close("south").await;
    retire(1).await;
    assert_eq!(loads().await, 3);
    assert_eq!(count("north").await, 5);
    transfer("north".to_owned()).await;
    let long = "north".repeat(200);
    let before = LOADS.load(Ordering::Relaxed);
    for _ in 0..2 {
        assert_eq!(count(&long).await, 1_000);
        assert_eq!(count(&long).await, 1_000);
        recount(&long, 1_000).await;
    }
    assert_eq!(LOADS.load(Ordering::Relaxed) - before, 2);
}
