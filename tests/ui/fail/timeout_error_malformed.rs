//! Errors for a limit that is not there, of another type, and of a function that has none.

use cached_core::cached;

#[cached(timeout_error = String::new())]
async fn no_limit(id: u32) -> Result<u32, String> {
    Ok(id)
}

#[cached(timeout = "2s", timeout_error = |a, b| a)]
async fn two_arguments(id: u32) -> Result<u32, String> {
    Ok(id)
}

#[cached(timeout = "2s", timeout_error)]
async fn no_value(id: u32) -> Result<u32, String> {
    Ok(id)
}

#[cached(timeout = "2s", timeout_error = 7)]
async fn another_type(id: u32) -> Result<u32, String> {
    Ok(id)
}

#[cached(timeout = "2s", timeout_error = String::new())]
async fn plain(id: u32) -> u32 {
    id
}

fn main() {}
