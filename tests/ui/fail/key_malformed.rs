//! Templates whose text cannot be read, or would mean something else to a server.

use cached_core::cached;

#[cached(key = "")]
async fn empty() -> u32 {
    1
}

#[cached(key = "course:<id")]
async fn open(id: u32) -> u32 {
    id
}

#[cached(key = "course:id>")]
async fn closed(id: u32) -> u32 {
    id
}

#[cached(key = "course:<id + 1>")]
async fn expression(id: u32) -> u32 {
    id
}

#[cached(key = "course:<id:hsh>")]
async fn modifier(id: u32) -> u32 {
    id
}

#[cached(key = "course:{id}")]
async fn braces(id: u32) -> u32 {
    id
}

#[cached(key = "course:<id>:*")]
async fn wildcard(id: u32) -> u32 {
    id
}

#[cached(key = "course <id>")]
async fn whitespace(id: u32) -> u32 {
    id
}

#[cached(key = "course[<id>]")]
async fn class(id: u32) -> u32 {
    id
}

#[cached(key = "100%:<id>")]
async fn escape(id: u32) -> u32 {
    id
}

#[cached(key = format!("course:{id}"))]
async fn no_text(id: u32) -> u32 {
    id
}

fn main() {}
