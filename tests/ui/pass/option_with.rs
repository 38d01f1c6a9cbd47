//! `with`: an event, computed before the body, or from the returned value.

use cached_core::{Invalidation, cached, invalidates, key};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(key = "course:<id>")]
async fn course(id: u32) -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    id
}

fn course_changed(id: u32) -> Invalidation {
    Invalidation::new().key(key!("course:<id>")).pattern(key!("courses:*"))
}

#[invalidates(with = course_changed(id))]
async fn rename(id: u32, title: String) -> Result<(), std::io::Error> {
    drop(title);
    Err(std::io::ErrorKind::Other.into())
}

#[invalidates(with = |id| course_changed(*id))]
async fn create(title: String) -> Result<u32, std::io::Error> {
    drop(title);
    Ok(7)
}

#[invalidates(with = move |id| {
    if *id == 0 {
        return Invalidation::new();
    }
    course_changed(*id)
})]
async fn maybe(id: u32) -> u32 {
    id
}

struct NotClone {
    title: String,
}

// The body takes what the closure uses too; what only looks like it is left alone.
#[invalidates(with = |done| if *done && title == format!("{id}") { course_changed(id) } else { Invalidation::new() })]
async fn retitle(id: u32, title: String, other: NotClone, done: NotClone) -> bool {
    drop(done);
    title == other.title
}

// Names of the closure's own are no arguments, and an argument that it only seems to use raises no lint.
#[invalidates(with = |changed| changed.iter().fold(Invalidation::new(), |other, course| {
    let id = *course;
    if matches!(course, lint if *lint == 0) { other } else { other.and(course_changed(id)) }
}))]
#[deny(unused)]
async fn all_of(course: NotClone, other: NotClone, lint: u32, id: NotClone) -> Vec<u32> {
    let _ = lint;
    [course, other, id].iter().map(|it| it.title.len() as u32).collect()
}

#[cached(key = "titled:<title>:<number>")]
async fn titled(title: &str, number: u32) -> u32 {
    let _ = (title, number);
    LOADS.fetch_add(1, Ordering::Relaxed)
}

fn title_changed(title: String) -> Invalidation {
    Invalidation::new().key(key!("by:<title>"))
}

// The event takes an argument that a template names too.
#[invalidates(with = title_changed(title), key = "titled:<title>:<return>", cache = cached_core::current())]
async fn entitle(title: String) -> u32 {
    7
}

// What a macro binds is no argument behind `&mut`.
#[invalidates(with = |course| {
    if matches!(course, Some(lint) if *lint > 0) { Invalidation::new() } else { course_changed(7) }
})]
async fn counted(lint: &mut u32) -> Option<u32> {
    *lint += 1;
    Some(*lint)
}

async fn loads() -> u32 {
    course(7).await;
    LOADS.load(Ordering::Relaxed)
}

pub(crate) async fn run() {
    assert_eq!((loads().await, loads().await), (1, 1));
    // An error can hide a commit.
    rename(7, "Rust".to_owned()).await.unwrap_err();
    assert_eq!(loads().await, 2);
    create("Rust".to_owned()).await.unwrap();
    assert_eq!(loads().await, 3);
    maybe(0).await;
    assert_eq!(loads().await, 3);
    maybe(7).await;
    assert_eq!(loads().await, 4);
    assert_eq!(counted(&mut 0).await, Some(1));
    let first = titled("Rust", 7).await;
    assert_eq!(entitle("Rust".to_owned()).await, 7);
    assert_eq!(titled("Rust", 7).await, first + 1);
    LOADS.fetch_sub(2, Ordering::Relaxed);
    let other = |title: &str| NotClone { title: title.to_owned() };
    assert!(!retitle(7, "7".to_owned(), other("8"), other("")).await);
    assert_eq!(loads().await, 4);
    assert!(retitle(7, "7".to_owned(), other("7"), other("")).await);
    assert_eq!(loads().await, 5);
    assert_eq!(all_of(other("seventh"), other(""), 0, other("a")).await, [7, 0, 1]);
    assert_eq!(loads().await, 6);
}
