//! Names that would meet what the macros emit beside another function.

use cached_core::{cached, invalidates};

#[cached]
async fn course__needs_cached_attribute(id: u32) -> u32 {
    id
}

#[invalidates(key = "course:<id>")]
async fn course__in_background(id: u32) {}

fn main() {}
