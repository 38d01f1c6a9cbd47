//! `in`: what a function makes stale is gathered in a transaction, whatever becomes of the function.

use cached_core::{Collector, Collects, Invalidation, cached, invalidates};
use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
struct Tx(Collector);

impl Collects for Tx {
    fn collector(&self) -> Collector {
        self.0.clone()
    }
}

impl Tx {
    /// All that a commit would apply.
    fn gathered(&self) -> String {
        let all = cached_core::current().own(self.0.take());
        let kinds =
            [all.keys().collect::<Vec<_>>(), all.tags().collect(), all.patterns().collect()];
        kinds.map(|kind| kind.join(",")).join(" ")
    }
}

#[cached(key = "course:<id>")]
async fn course(id: u32) -> u32 {
    id
}

#[derive(Clone)]
struct Created {
    id: u32,
    teachers: Vec<u32>,
}

/// Every sort of target; the return value decides by its sort.
#[invalidates(
    in = tx,
    course(id),
    key = ["title:<title>", "slug:<title>:<return.id>"],
    tags = ["all", "teacher:<return.teachers.*>"],
    pattern = "page:<id>:*",
    with = |created| Invalidation::new().key(format!("new:{}", created.id)),
)]
async fn create(tx: &mut Tx, id: u32, title: String) -> Result<Created, String> {
    // It is in use, and `title` may be taken.
    let _borrowed: &mut Tx = tx;
    if id == 0 { Err(title) } else { Ok(Created { id: 9, teachers: vec![1, 2] }) }
}

#[invalidates(key = "a", in = &mut *tx)]
async fn reborrowed(tx: &mut Tx) {
    let _ = tx;
}

#[invalidates(key = "a", in = tx)]
async fn shared(tx: &Tx) -> u32 {
    let _ = tx;
    1
}

/// A body that takes the transaction may commit it.
#[invalidates(key = "a", in = tx, tags = "b:<return>")]
async fn taken(tx: Tx) -> String {
    tx.gathered()
}

#[invalidates(key = "waits", in = tx)]
async fn never_ends(tx: &mut Tx) {
    let _ = tx;
    std::future::pending().await
}

#[invalidates(key = "one", in = one)]
#[invalidates(key = "two", in = two.tx)]
async fn two_transactions(one: &mut Tx, two: &mut Repo) {
    let _ = (one, two);
}

struct Repo {
    tx: Tx,
}

impl Repo {
    #[invalidates(in = self.tx, key = "course:<id>")]
    async fn rename<T: Send>(&mut self, id: u32, _title: T) {
        self.tx.0.add(Invalidation::new().tag("body"));
    }
}

pub(crate) async fn run() {
    course(7).await;
    let mut tx = Tx::default();
    create(&mut tx, 7, "rust".into()).await.map(drop).unwrap();
    let held = cached_core::current().get::<u32>("course:7").await;
    assert_eq!(held, Some(7), "nothing is applied before the commit");
    assert_eq!(
        tx.gathered(),
        "title:rust,slug:rust:9,new:9,course:7 all,teacher:1,teacher:2 page:7:*"
    );
    create(&mut tx, 0, "an error can hide a write".into()).await.map(drop).unwrap_err();
    assert_eq!(tx.gathered(), "title:an%20error%20can%20hide%20a%20write,course:0 all page:0:*");
    reborrowed(&mut tx).await;
    assert_eq!((shared(&tx).await, tx.gathered()), (1, "a,a  ".to_owned()));
    assert_eq!(taken(Tx::default()).await, "a  ");
    {
        let mut cancelled = pin!(never_ends(&mut tx));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(cancelled.as_mut().poll(&mut context), Poll::Pending);
    }
    assert_eq!(tx.gathered(), "waits  ", "the transaction goes on with its owner");
    let mut repo = Repo { tx: Tx::default() };
    repo.rename(7, "Rust").await;
    assert_eq!(repo.tx.gathered(), "course:7 body ");
    two_transactions(&mut tx, &mut repo).await;
    assert_eq!((tx.gathered(), repo.tx.gathered()), ("one  ".to_owned(), "two  ".to_owned()));
}
