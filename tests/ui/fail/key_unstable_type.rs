//! Arguments whose types have no stable rendering: floats, pointers, closures, `&mut`.

use cached_core::cached;

#[cached(key = "near:<lat>:<points>")]
async fn floats(lat: f64, points: &[Option<(f32, u8)>]) -> u32 {
    lat as u32 + points.len() as u32
}

#[cached]
async fn pointers(callback: fn(u32) -> u32, raw: *const u8) -> u32 {
    let _ = (callback, raw);
    1
}

#[cached]
async fn closures(visit: impl Fn(u32) + Send, boxed: &dyn Fn()) -> u32 {
    let _ = (visit, boxed);
    1
}

#[cached(key = "changed:<list>:<page.0>")]
async fn mutable(list: &mut Vec<u32>, page: &mut (u32, u32)) -> u32 {
    list.push(page.0);
    1
}

fn main() {}
