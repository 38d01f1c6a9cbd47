//! Names of the user's do not meet names of the macros', in either direction.

#![no_implicit_prelude]
#![deny(warnings)]

use ::cached_core::{cached, invalidates};
use ::std::clone::Clone;
use ::std::convert::From;
use ::std::string::String;
use ::std::{assert_eq, module_path, panic};

#[derive(Clone, ::serde::Serialize, ::serde::Deserialize, PartialEq, Debug)]
struct Result;
#[derive(Clone, ::serde::Serialize, ::serde::Deserialize, PartialEq, Debug)]
struct Option(u32);
#[derive(Clone, ::serde::Serialize, ::serde::Deserialize, PartialEq, Debug)]
struct Vec;
#[allow(dead_code)]
struct Shape;
#[allow(dead_code)]
struct Key;

#[allow(dead_code)]
mod core {}
#[allow(dead_code)]
mod std {}

// Methods with the names that the expansion calls.
trait Methods: ::std::marker::Sized {
    fn load(&self) -> u32 {
        1
    }
    fn read(&self) -> u32 {
        2
    }
    fn write(&self) -> u32 {
        3
    }
    fn tag(&self) -> u32 {
        4
    }
    fn part(&self) -> u32 {
        5
    }
    fn literal(&self) -> u32 {
        6
    }
    fn render(&self) -> u32 {
        7
    }
    fn target(&self) -> u32 {
        8
    }
    fn run(&self) -> u32 {
        9
    }
}
impl<T> Methods for T {}

static SITE: u32 = 10;

/// Constants and statics with the names of bindings in the expansions: a pattern of that name would mean them.
#[allow(non_upper_case_globals, dead_code)]
mod constants {
    use ::cached_core::{cached, invalidates};
    use ::std::option::Option;
    use ::std::vec::Vec;

    const key: u8 = 1;
    const k: u8 = 1;
    const id: u8 = 1;
    const body: u8 = 1;
    const value: u8 = 1;
    const early: u8 = 1;
    const tags: u8 = 1;
    const inv: u8 = 1;
    const cache: u8 = 1;
    static site: u8 = 1;
    static read: u8 = 1;
    static write: u8 = 1;
    static invalidation: u8 = 1;
    static collector: u8 = 1;
    static arg0: u8 = 1;
    static arg1: u8 = 1;
    static each0: u8 = 1;

    #[cached(tags = ["t:<number>:<return.*>"])]
    pub(super) async fn pattern((number, _): (u32, u32)) -> Vec<u32> {
        ::std::vec![number]
    }

    #[cached(key = "one:<number>", tags = ["one:<number>:<return>"], cache = _handle, skip(_handle),
        stale_while_revalidate = "1s")]
    pub(super) async fn one(number: u32, _handle: ::cached_core::Cache) -> u32 {
        number
    }

    #[invalidates(
        one(number, handle), pattern((number, 1)), key = "one:<number>:<return>", tags = "each:<return.*>", cache = handle,
        with = |number| super::event(number.unwrap_or(0))
    )]
    pub(super) async fn change(number: u32, handle: ::cached_core::Cache) -> Option<u32> {
        Option::Some(number)
    }
}

#[cached(key = "a:<key>:<k>:<value>:<inv>:<read>:<site>:<early>", tags = ["t:<key>:<return.0>"])]
async fn names(key: u32, k: u32, value: u32, inv: u32, read: u32, site: u32, early: u32) -> Option {
    let sum = key + k + value + inv + read + site + early + SITE;
    Option(sum + key.load() + key.read() + key.write() + key.tag())
}

#[invalidates(names(key, k, value, invalidation, write, early, inv), key = "b:<key>:<return>", with = event(inv))]
async fn change(
    key: u32,
    k: u32,
    value: u32,
    invalidation: u32,
    write: u32,
    early: u32,
    inv: u32,
) -> u32 {
    let sum = key + k + value + invalidation + write + early + inv;
    sum.part() + sum.literal() + sum.render() + sum.target() + sum.run()
}

fn event(_: u32) -> ::cached_core::Invalidation {
    ::cached_core::Invalidation::new()
}

#[cached]
async fn r#move(r#type: u32) -> u32 {
    r#type
}

#[invalidates(r#move(r#fn), key = "raw:<fn>")]
async fn r#match(r#fn: u32) -> u32 {
    r#fn
}

struct Of {
    cache: ::cached_core::Cache,
}

#[cached(cache = r#type.cache, skip(type), key = "keyword:<fn>")]
async fn keyword(r#type: &Of, r#fn: u32) -> u32 {
    let _ = r#type;
    r#fn
}

#[cached(batch = fn, key = "keyword:<fn>")]
async fn keywords(r#fn: &[u32]) -> ::std::collections::HashMap<u32, u32> {
    let mut all = ::std::collections::HashMap::new();
    for id in r#fn {
        all.insert(*id, *id);
    }
    all
}

#[invalidates(keyword(r#type, r#fn), keywords(r#fn))]
async fn r#loop(r#type: &Of, r#fn: u32) {}

#[cached]
async fn types() -> Result {
    Result
}

#[cached]
async fn vec() -> ::std::option::Option<Vec> {
    ::std::option::Option::Some(Vec)
}

#[cached(key = "text:<text>")]
async fn text(text: &str) -> String {
    String::from(text)
}

pub(crate) async fn run() {
    assert_eq!(names(1, 1, 1, 1, 1, 1, 1).await, Option(27));
    assert_eq!(change(1, 1, 1, 1, 1, 1, 1).await, 35);
    assert_eq!(r#move(1).await + r#match(1).await, 2);
    let of = Of { cache: ::cached_core::current() };
    assert_eq!((keyword(&of, 1).await, keywords(&[2]).await[&2]), (1, 2));
    r#loop(&of, 1).await;
    let cache = ::cached_core::current();
    assert_eq!(constants::pattern((1, 2)).await, [1]);
    assert_eq!(constants::one(1, cache.clone()).await, 1);
    assert_eq!(constants::change(1, cache).await, ::std::option::Option::Some(1));
    assert_eq!(types().await, Result);
    assert_eq!(text("a").await, "a");
    if vec().await.is_none() {
        panic!("{}", module_path!());
    }
}
