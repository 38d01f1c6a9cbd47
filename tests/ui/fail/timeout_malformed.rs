//! Limits that are no durations, and functions that cannot say that the time is over.

use cached_core::cached;

#[cached(timeout = 2)]
async fn number() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[cached(timeout = "short")]
async fn tier() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[cached(timeout = "0s")]
async fn zero() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[cached(timeout = "2s")]
async fn plain(id: u32) -> u32 {
    id
}

#[derive(Debug)]
enum CourseError {}

// Neither `From<LoadTimeout>` nor `timeout_error`.
#[cached(timeout = "2s")]
async fn not_made(id: u32) -> Result<u32, CourseError> {
    Ok(id)
}

#[cached(timeout = "2s")]
async fn shared(id: u32) -> Result<u32, String> {
    Ok(id)
}

fn main() {}
