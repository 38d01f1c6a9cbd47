//! An argument in the key that not every build has.

use cached_core::cached;

#[cached(key = "course:<id>:<draft>", skip(trace))]
async fn course(id: u32, #[cfg(all())] draft: bool, #[cfg(all())] trace: bool) -> u32 {
    let _ = (draft, trace);
    id
}

fn main() {}
