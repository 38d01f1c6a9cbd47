//! Trait impls: `#[cached]` on the block, `#[cached(..)]` on its methods. Associated types and generics work.

use cached_core::{cached, invalidates};
use std::future::Future;

trait Courses<U> {
    type Id;
    fn own(&self, user: U) -> impl Future<Output = u32> + Send;
    fn course(&self, id: Self::Id) -> impl Future<Output = Result<String, std::io::Error>> + Send;
    fn all(&self, page: u32) -> impl Future<Output = Vec<u32>> + Send;
    fn rename(&mut self, id: Self::Id, title: &str) -> impl Future<Output = ()> + Send;
}

trait Tenant: cached_core::KeyPart + Clone + Send + Sync {
    type Id: cached_core::KeyPart + Send + Sync;
}

impl Tenant for &'static str {
    type Id = u64;
}

struct Repo<T> {
    tenant: T,
}

#[cached]
impl<T: Tenant, U> Courses<U> for Repo<T>
where
    U: cached_core::KeyPart + Send + Sync,
{
    type Id = T::Id;

    // A parameter of the trait that the type has not.
    #[cached]
    async fn own(&self, user: U) -> u32 {
        let _ = user;
        1
    }

    #[cached(key = "course:<id>", skip(U))]
    async fn course(&self, id: T::Id) -> Result<String, std::io::Error> {
        let _ = id;
        Ok("course".to_owned())
    }

    #[cached_core::cached(key = "all:<U>:<self.tenant>:<page>")]
    async fn all(&self, page: u32) -> Vec<u32> {
        vec![page]
    }

    #[invalidates(Self::course(id), self.all::<U>(0), Self::own(title))]
    async fn rename(&mut self, id: T::Id, title: &str) {
        let _ = (id, title);
    }
}

pub(crate) async fn run() {
    greetings().await;
    assert_eq!((Seven.page(1).await, Seven.among(1, "a").await), (1, 1));
    assert_eq!(Pages::forget(&Seven, Page([1, 2])).await.0, [1, 2]);
    let repo = Repo { tenant: Seven };
    assert_eq!(Loads::<u8>::load(&repo, &1).await, 8);
    Loads::<u8>::reload(&repo, &1).await;
    assert_eq!(Seven.find(1, &String::new()).await, Ok(1));
    assert_eq!(Repo::<u8>::name(1).await, 1);
    Repo::<u8>::forget(1).await;
    let mut repo = Repo { tenant: "north" };
    assert_eq!(Courses::<u8>::course(&repo, 1).await.unwrap(), "course");
    assert_eq!(Courses::<u8>::all(&repo, 1).await, [1]);
    assert_eq!(Courses::<u8>::own(&repo, 1).await, 1);
    Courses::<u8>::rename(&mut repo, 1, "Rust").await;
}

trait Greets<L, const N: usize> {
    fn greet(&self, name: &str) -> impl Future<Output = String> + Send;
    fn count(&self) -> impl Future<Output = usize> + Send;
    fn forget(&self) -> impl Future<Output = ()> + Send;
}

trait Lang: Send + Sync {
    const HELLO: &str;
}

struct English;
struct German;

impl Lang for English {
    const HELLO: &str = "Hello";
}

impl Lang for German {
    const HELLO: &str = "Hallo";
}

struct Greeter;

// A key names parameters of the trait, or skips them.
#[cached]
impl<L: Lang, const N: usize> Greets<L, N> for Greeter {
    #[cached(key = "greet:<L>:<N>:<name>")]
    async fn greet(&self, name: &str) -> String {
        format!("{} {name} {N}", L::HELLO)
    }

    #[cached(skip(L, N))]
    async fn count(&self) -> usize {
        2
    }

    #[invalidates(Self::greet::<L, N>("Ada"), Self::count())]
    async fn forget(&self) {}
}

trait Source<U>: Send + Sync {
    fn load(&self, user: &U) -> u32;
}

// A bound names a parameter that the type has not; `I` is found by way of `T`.
#[cached]
impl<T: Source<U> + Iterator<Item = I> + Clone, U: Send + Sync + cached_core::KeyPart, I: Send>
    Loads<U> for Repo<T>
{
    #[cached(key = "load:<Self>:<U>:<user>")]
    async fn load(&self, user: &U) -> u32 {
        self.tenant.load(user)
    }

    #[invalidates(Self::load(user))]
    async fn reload(&self, user: &U) {}
}

trait Loads<U> {
    fn load(&self, user: &U) -> impl Future<Output = u32> + Send;
    fn reload(&self, user: &U) -> impl Future<Output = ()> + Send;
}

#[derive(Clone)]
struct Seven;

impl Iterator for Seven {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        None
    }
}

impl Source<u8> for Seven {
    fn load(&self, user: &u8) -> u32 {
        7 + u32::from(*user)
    }
}

// An associated type of a trait above may be what is returned, or skipped.
trait Base {
    type Error: Send;
    type Id: Send + cached_core::KeyPart;
}

trait Above: Base {
    fn find(
        &self,
        id: Self::Id,
        why: &Self::Error,
    ) -> impl Future<Output = Result<u32, Self::Error>> + Send;
}

impl Base for Seven {
    type Error = String;
    type Id = u32;
}

#[cached]
impl Above for Seven {
    #[cached(key = "find:<id>", skip(why))]
    async fn find(&self, id: <Self as Base>::Id, why: &Self::Error) -> Result<u32, Self::Error> {
        let _ = why;
        Ok(id)
    }
}

// Braces in a signature are no body.
struct Page<const N: usize>([u32; N]);

const SIZE: usize = 2;

trait Pages {
    fn page(&self, id: u32) -> impl Future<Output = u32> + Send;
    fn among<T>(&self, id: u32, of: T) -> impl Future<Output = u32> + Send
    where
        (T, Page<{ SIZE }>): Send,
        T: Send + Sync;
    fn forget(&self, page: Page<{ SIZE }>) -> impl Future<Output = Page<{ SIZE }>> + Send;
}

#[cached]
impl Pages for Seven {
    #[cached(skip(T, of))]
    async fn among<T>(&self, id: u32, of: T) -> u32
    where
        (T, Page<{ SIZE }>): Send,
        T: Send + Sync,
    {
        let _ = of;
        id
    }

    #[cached]
    async fn page(&self, id: u32) -> <Page<{ SIZE }> as Numbered>::Number {
        id
    }

    #[invalidates(Self::page(1), Self::among(1))]
    async fn forget(&self, page: Page<{ SIZE }>) -> Page<{ SIZE }> {
        page
    }
}

trait Numbered {
    type Number;
}

impl Numbered for Page<2> {
    type Number = u32;
}

async fn greetings() {
    for _ in 0..2 {
        assert_eq!(Greets::<English, 1>::greet(&Greeter, "Ada").await, "Hello Ada 1");
        assert_eq!(Greets::<German, 1>::greet(&Greeter, "Ada").await, "Hallo Ada 1");
        assert_eq!(Greets::<German, 2>::greet(&Greeter, "Ada").await, "Hallo Ada 2");
        assert_eq!(Greets::<German, 2>::count(&Greeter).await, 2);
        Greets::<German, 2>::forget(&Greeter).await;
    }
}

trait Named {
    type Id: cached_core::KeyPart + Sync;
    fn name(id: Self::Id) -> impl Future<Output = u32> + Send;
    fn forget(id: Self::Id) -> impl Future<Output = ()> + Send;
}

#[cached]
impl Named for Repo<u8> {
    type Id = u32;

    #[cached]
    async fn name(id: Self::Id) -> u32 {
        id
    }

    #[invalidates(Self::name(id))]
    async fn forget(id: u32) {
        let _ = id;
    }
}
