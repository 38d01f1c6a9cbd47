//! Where a stale value can be served instead, a load that takes too long goes on: in a task, which owns its arguments.

use cached_core::cached;

#[cached(timeout = "2s", stale_if_error = "1h", skip(pool), key = "course:<id>:<names>:<pair.0>")]
async fn course(
    id: &mut u32,
    names: &[&str],
    pair @ (_, _): (u32, u32),
    pool: &dyn Send,
) -> Result<u32, std::io::Error> {
    let _ = (names, pool, pair);
    Ok(*id)
}

// Without a stale value the load is dropped, so it may borrow.
#[cached(timeout = "2s", skip(pool))]
async fn borrowed(pool: &(dyn Send + Sync)) -> Result<u32, std::io::Error> {
    let _ = pool;
    Ok(1)
}

struct Pool;

#[cached(timeout = "2s", stale_if_error = "1h", skip(pool))]
async fn not_cloned(pool: &Pool) -> Result<u32, std::io::Error> {
    let _ = pool;
    Ok(1)
}

fn main() {}
