//! The key of a hand-boxed function is rendered inside the async block.

use cached_core::{cached, invalidates};
use std::future::Future;
use std::pin::Pin;

#[cached(key = "course:<id>")]
fn course(id: String) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let id = id.to_lowercase();
    Box::pin(async move {
        drop(id);
        1
    })
}

#[invalidates(key = "course:<id>")]
fn rename(id: String) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let id = id.to_lowercase();
    println!("{id}");
    ::std::boxed::Box::pin(async move { drop(id) })
}

#[invalidates(course(id))]
fn forget(id: String) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    std::boxed::Box::pin(async move { drop(id) })
}

fn main() {}
