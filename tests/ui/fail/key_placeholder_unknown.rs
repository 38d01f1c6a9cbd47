//! Placeholders that name nothing.

use cached_core::cached;

#[cached(key = "course:<idd>")]
async fn mistyped(id: u32) -> u32 {
    id
}

#[cached(key = "course:<tenant>")]
async fn unknown(id: u32, school: u32) -> u32 {
    id + school
}

#[cached(key = "course:<self.tenant>")]
async fn no_receiver() -> u32 {
    1
}

#[cached(key = "course:<T.id>")]
async fn field_of_type<T>() -> u32 {
    1
}

fn main() {}
