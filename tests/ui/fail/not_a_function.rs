//! The attributes on what is no function with a body.

use cached_core::{cached, invalidates};

#[cached(key = "course")]
struct Course;

#[cached]
const LIMIT: u32 = 1;

#[cached]
mod courses {}

trait Courses {
    #[cached]
    async fn course(&self) -> u32;
}

#[invalidates(key = "a")]
static COUNT: u32 = 1;

fn main() {}
