//! `key!` with no text, or text that names nothing.

use cached_core::key;

fn main() {
    let id = 1;
    let _ = key!();
    let _ = key!(id);
    let _ = key!("course:<id> ");
    let _ = key!("course:<return.id>");
    let _ = key!("course:<idd>");
    let _ = key!("course:<id>", id);
    let _ = key!("course:<_>");
    let _ = key!("course:<crate>:<id>");
    let _ = key!("course:<id.super>");
}
