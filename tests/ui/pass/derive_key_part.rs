//! `#[derive(KeyPart)]`: newtypes, structures, enums; borrowed, generic, marked with a type, and with names that are keywords.

// Neither the trait nor a type of ours needs to be in scope; names of the user's do not get in the way.
use cached_core::key;
use std::marker::PhantomData;

#[derive(Clone, Copy, cached_core::KeyPart)]
struct CourseId(u64);

#[derive(cached_core::KeyPart)]
struct Named<'a> {
    r#type: &'a str,
}

#[derive(cached_core::KeyPart)]
struct Page<'a, T, const N: usize>
where
    T: ?Sized,
{
    of: &'a T,
    ids: [Option<CourseId>; N],
    part: u8,
}

#[derive(cached_core::KeyPart)]
#[allow(non_camel_case_types)]
enum Order<T> {
    Default,
    Empty {},
    Nothing(),
    r#move,
    By(T),
    Both { first: T, __part: Box<Order<T>> },
}

#[derive(cached_core::KeyPart)]
enum Never {}

// What it is the id of does not render itself.
#[derive(cached_core::KeyPart)]
struct Id<T>(u64, PhantomData<fn() -> T>);

macro_rules! marked {
    ($name:ident, $marker:ty) => {
        #[derive(cached_core::KeyPart)]
        struct $name(u64, $marker);
    };
}

marked!(ByMacro, PhantomData<f64>);

#[derive(cached_core::KeyPart)]
enum Marked<T, U> {
    Named { of: PhantomData<T>, id: U },
    Alone(std::marker::PhantomData<T>),
}

trait Table {
    type Id;
}

struct Courses;

impl Table for Courses {
    type Id = u32;
}

// What is rendered is the id, and not the table.
#[derive(cached_core::KeyPart)]
struct Row<T: Table>(T::Id, Option<<T as Table>::Id>);

#[derive(cached_core::KeyPart)]
#[key_part(crate = cached_core)]
struct Renamed(String, bool);

#[cached_core::cached(key = "course:<id>")]
async fn course(id: CourseId) -> u64 {
    id.0
}

#[cached_core::invalidates(course(id))]
async fn rename(id: CourseId) {}

pub(crate) async fn run() {
    let (id, named) = (CourseId(7), Named { r#type: "a:b" });
    assert_eq!(key!("x:<id>:<named>").as_str(), "x:7:a%3Ab");
    let page = Page { of: "art", ids: [Some(id), None], part: 2 };
    assert_eq!(key!("x:<page>").as_str(), "x:(art,(7,%N),2)");
    let order = |order: Order<&str>| key!("<order>").as_str().to_owned();
    assert_eq!(order(Order::Default), "Default");
    assert_eq!(order(Order::Empty {}), "Empty");
    assert_eq!(order(Order::Nothing()), "Nothing");
    assert_eq!(order(Order::r#move), "move");
    assert_eq!(order(Order::By("Default")), "(By,Default)");
    let both = Order::Both { first: "(", __part: Box::new(Order::By(")")) };
    assert_eq!(order(both), "(Both,%28,(By,%29))");
    let renamed = Renamed("a".into(), true);
    assert_eq!(key!("x:<renamed>").as_str(), "x:(a,true)");
    let never: Option<Never> = None;
    assert_eq!(key!("x:<never>").as_str(), "x:%N");
    let typed: Id<CourseId> = Id(7, PhantomData);
    assert_eq!(key!("x:<typed>").as_str(), "x:7");
    let by_macro = ByMacro(7, PhantomData);
    assert_eq!(key!("x:<by_macro>").as_str(), "x:7");
    let marked = Marked::<f64, u8>::Named { of: PhantomData, id: 7 };
    assert_eq!(key!("x:<marked>").as_str(), "x:(Named,7)");
    let marked = Marked::<f64, u8>::Alone(PhantomData);
    assert_eq!(key!("x:<marked>").as_str(), "x:Alone");
    let row = Row::<Courses>(7, None);
    assert_eq!(key!("x:<row>").as_str(), "x:(7,%N)");
    assert_eq!(course(id).await, 7);
    rename(id).await;
}
