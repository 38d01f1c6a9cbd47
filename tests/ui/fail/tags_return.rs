//! `<return..>` with a field that the value has not, or of a value that is an `Option`.

use cached_core::cached;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Course {
    teacher_id: u32,
}

#[cached(tags = ["teacher:<return.teacher>"])]
async fn course(id: u32) -> Result<Course, std::io::Error> {
    Ok(Course { teacher_id: id })
}

#[cached(tags = ["teacher:<return.teacher_id>"])]
async fn maybe(id: u32) -> Option<Course> {
    Some(Course { teacher_id: id })
}

fn main() {}
