//! The cache is waited for.

use cached_core::{cached, invalidates};
use std::future::Future;
use std::pin::Pin;

#[cached]
fn plain(id: u32) -> u32 {
    id
}

#[cached]
fn opaque(id: u32) -> impl Future<Output = u32> {
    async move { id }
}

#[cached]
fn boxed(id: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let future = async move { id };
    Box::pin(future)
}

#[invalidates(key = "course:<id>")]
fn write(id: u32) {
    let _ = id;
}

fn main() {}
