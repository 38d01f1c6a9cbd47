//! What has no stable rendering, in `#[invalidates]`, which has no `skip`.

use cached_core::invalidates;

#[invalidates(key = "near:<lat>", tags = "by:<visit>", pattern = "of:<raw>:*")]
async fn write(lat: &mut f64, visit: fn(u32), raw: Option<*const u8>) {
    let _ = (lat, visit, raw);
}

fn main() {}
