//! One mistake, one error: calls of the function, and `#[invalidates]` that names it, raise none of their own.

use cached_core::{cached, invalidates};

#[cached(key = "course:<idd>")]
async fn course(id: u32, school: &str) -> u32 {
    let _ = school;
    id
}

#[invalidates(course(id, "a"))]
async fn change(id: u32) -> u32 {
    course(id, "a").await
}

fn main() {}
