//! Options that `#[invalidates]` has not.

use cached_core::invalidates;

#[invalidates(keys = ["a"], tag = "b", patterns = ["c:*"], ttl = "short", patern = "d:*", key = "e", key = "f", other = 1)]
async fn change() {}

fn main() {}
