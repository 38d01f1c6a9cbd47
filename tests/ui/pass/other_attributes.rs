//! Other attributes stay: `#[tracing::instrument]` above and below, documentation, `#[cfg]`, lints.

use cached_core::{cached, invalidates};

#[tracing::instrument(skip_all, fields(id = id))]
#[cached(key = "above:<id>")]
async fn above(id: u32) -> Result<u32, std::io::Error> {
    Ok(id)
}

#[cached(key = "below:<id>")]
#[tracing::instrument(level = "debug", ret)]
async fn below(id: u32) -> Result<u32, std::io::Error> {
    Ok(id)
}

/// Documented.
#[cached]
#[must_use]
#[inline]
pub(super) async fn documented() -> u32 {
    #![allow(unused_variables)]
    let unused = 1;
    1
}

#[cached]
#[cfg(any())]
async fn left_out(missing: Missing) -> Missing {
    missing
}

#[cfg(any())]
#[invalidates(left_out(1))]
async fn left_out_too() {}

#[invalidates(above(id), below(id))]
#[tracing::instrument(err)]
async fn change(id: u32) -> Result<(), std::io::Error> {
    Ok(())
}

pub(crate) async fn run() {
    assert_eq!(above(1).await.unwrap() + below(1).await.unwrap() + documented().await, 3);
    change(1).await.unwrap();
}
