//! An argument in the key whose type has no name, so that the key cannot tell it.

use cached_core::{KeyPart, cached};

trait Table: KeyPart + Sync {
    fn name(&self) -> &'static str;
}

struct Path<T>(T);

struct Request<T> {
    id: u64,
    of: T,
}

#[cached(key = "exists:<id>", skip(pool))]
async fn exists(pool: &impl Sync, id: &(impl Table + Sync)) -> usize {
    let _ = pool;
    id.name().len()
}

#[cached(skip(pool))]
async fn by_default(pool: &impl Sync, id: &impl Table) -> usize {
    let _ = pool;
    id.name().len()
}

#[cached(key = "behind:<id>:<more>")]
async fn behind_dyn(id: &dyn Table, more: Option<Box<dyn Table + Send>>) -> usize {
    let _ = more;
    id.name().len()
}

#[cached(key = "field:<request.id>")]
async fn in_a_field(request: &Request<impl Table>) -> usize {
    request.of.name().len() + request.id as usize
}

// The one that is skipped is none of the key's business.
#[cached(key = "patterns:<a>:<b>", skip(visit))]
async fn patterns(Path(a): Path<impl Table + Send>, (b, visit): (u32, impl Fn() + Send)) -> u32 {
    visit();
    b + a.name().len() as u32
}

// `Path<dyn Table>` and `Path<impl Fn()>` render as somebody says.
#[cached(key = "hidden:<closure>")]
async fn hidden(closure: &Path<impl Fn() + Sync>) -> u32 {
    closure.0();
    1
}

fn main() {}
