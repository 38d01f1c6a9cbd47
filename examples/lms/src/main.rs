//! lms.
fn main() {}
