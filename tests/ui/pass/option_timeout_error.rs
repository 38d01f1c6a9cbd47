//! `timeout_error`: what a load returns that takes longer than `timeout`, as a value, or by a closure over the
//! `LoadTimeout`.

use cached_core::{LoadTimeout, cached};

#[cached(timeout = "1ms", timeout_error = sqlx::Error::PoolTimedOut)]
async fn foreign(id: u32) -> sqlx::Result<u32> {
    std::future::pending::<()>().await;
    Ok(id)
}

#[cached(timeout = "1ms", timeout_error = |limit| format!("{name}: {limit}"))]
async fn closure(name: &str) -> Result<u32, String> {
    std::future::pending::<()>().await;
    Ok(name.len() as u32)
}

#[cached(timeout = "3ms", timeout_error = |limit: LoadTimeout| limit.limit().as_millis())]
async fn typed(id: u32) -> Result<u32, u128> {
    std::future::pending::<()>().await;
    Ok(id)
}

// What it does not depend on is not asked for.
#[cached(timeout = "1h", timeout_error = unreachable!())]
async fn in_time(id: u32) -> Result<u32, u128> {
    Ok(id)
}

pub(crate) async fn run() {
    assert!(matches!(foreign(1).await, Err(sqlx::Error::PoolTimedOut)));
    assert!(closure("ada").await.unwrap_err().starts_with("ada: the load took longer than"));
    assert_eq!(typed(1).await, Err(3));
    assert_eq!(in_time(1).await, Ok(1));
}
