//! Arguments: references with lifetimes, `impl Trait`, patterns, `mut`, `_`; the body may take what a key or tag
//! names.

use cached_core::{cached, invalidates};
use std::borrow::Cow;

#[derive(Clone)]
struct Path<T>(T);

struct Page {
    offset: u32,
    limit: u32,
}

#[cached(key = "lifetimes:<a>:<b>:<c>")]
async fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b [u8], c: Cow<'a, str>) -> usize {
    a.len() + b.len() + c.len()
}

struct Request<T> {
    id: u32,
    source: T,
}

fn request() -> Request<Box<dyn Fn() -> u32 + Send + Sync>> {
    Request { id: 2, source: Box::new(|| 3) }
}

// A type without a name may stand where nothing of it is rendered.
#[cached(key = "opaque:<id>:<request.id>", skip(name, visit))]
async fn opaque(
    (id, name): (u32, impl AsRef<str> + Send),
    request: &Request<Box<dyn Fn() -> u32 + Send + Sync>>,
    visit: impl Fn(u32),
) -> u32 {
    visit(id);
    (request.source)() + request.id + name.as_ref().len() as u32
}

#[cached(key = "patterns:<id>:<a>:<b>:<limit>", skip(offset))]
async fn patterns(
    Path(mut id): Path<String>,
    (a, (b, _)): (u32, (u32, u32)),
    Page { offset, limit }: &Page,
) -> String {
    id.push_str(&format!("{a}{b}{limit}"));
    let _ = offset;
    id
}

#[cached(tags = ["taken:<name>", "taken:<name>:<return>"])]
async fn taken(mut name: String, _: u32) -> String {
    name.push('!');
    name
}

#[invalidates(
    lifetimes("a", b"b", Cow::Borrowed("c")), opaque((1, "a"), &request()),
    patterns(Path("x".to_owned()), (1, (2, 3)), &Page { offset: 0, limit: 5 }), taken(name.clone()),
    key = "name:<name>:<return>"
)]
async fn change(name: String) -> usize {
    let name = name;
    name.len()
}

pub(crate) async fn run() {
    assert_eq!(lifetimes("a", b"b", "c".into()).await, 3);
    assert_eq!(opaque((1, "a"), &request(), |_| {}).await, 6);
    let page = Page { offset: 1, limit: 5 };
    assert_eq!(patterns(Path("x".to_owned()), (1, (2, 3)), &page).await, "x125");
    assert_eq!(taken("a".to_owned(), 0).await, "a!");
    assert_eq!(change("a".to_owned()).await, 1);
}
