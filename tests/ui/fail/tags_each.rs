//! `.*` over what is no collection, over an argument of a read, over two collections at once, over an argument beside
//! what is returned, and malformed.

use cached_core::{cached, invalidates};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Course {
    id: u32,
    teachers: Vec<u32>,
    students: Vec<u32>,
}

#[cached(tags = ["course:<return.id.*>"])]
async fn no_collection(id: u32) -> Result<Course, std::io::Error> {
    load(id)
}

#[cached(tags = ["course:<return.*.idd>"])]
async fn no_field(id: u32) -> Option<Course> {
    load(id).ok()
}

#[cached(tags = ["course:<ids.*>"])]
async fn argument(ids: Vec<u32>) -> Option<Course> {
    load(ids[0]).ok()
}

#[cached(tags = ["<return.teachers.*>:<return.students.*>"])]
async fn two_collections(id: u32) -> Result<Course, std::io::Error> {
    load(id)
}

#[invalidates(pattern = "course:<return.*id>:*")]
async fn malformed(id: u32) -> Result<Course, std::io::Error> {
    load(id)
}

#[invalidates(key = "course:<ids.*>")]
async fn no_list(ids: u32) {}

#[invalidates(key = "enrolment:<students.*>:<courses.*>")]
async fn each_with_each(students: &[u32], courses: &[u32]) {
    let _ = (students, courses);
}

#[invalidates(tags = "course:<ids.*>:<return.id>")]
async fn early_and_late(ids: &[u32]) -> Result<Course, std::io::Error> {
    load(ids[0])
}

#[invalidates(key = "price:<prices.*>")]
async fn unstable(prices: &[f64]) {
    let _ = prices;
}

fn load(id: u32) -> Result<Course, std::io::Error> {
    Ok(Course { id, teachers: vec![1], students: vec![2] })
}

fn main() {}
