//! Types that tell no two keys apart, fields without a rendering, and a wrong attribute.

use cached_core::KeyPart;

#[derive(KeyPart)]
struct Unit;

#[derive(KeyPart)]
struct Empty {}

#[derive(KeyPart)]
union Either {
    a: u32,
    b: i32,
}

#[derive(KeyPart)]
struct Price(f64);

#[derive(KeyPart)]
struct Point {
    name: String,
    x: f32,
}

#[derive(KeyPart)]
enum Shape {
    Point,
    Circle(f32, u8),
}

#[derive(KeyPart)]
#[key_part(skip)]
struct Skipped(u32);

#[derive(KeyPart)]
struct Inside {
    id: u32,
    #[key_part(skip)]
    trace: String,
}

#[derive(KeyPart)]
struct Wrapper<T>(T);

fn main() {
    let of_a_float = Wrapper(1.0_f64);
    cached_core::key!("x:<of_a_float>");
}
