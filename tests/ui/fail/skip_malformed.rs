//! `skip` without names in parentheses.

use cached_core::cached;

#[cached(skip = pool)]
async fn no_parentheses(pool: u32) -> u32 {
    pool
}

#[cached(skip())]
async fn no_name(id: u32) -> u32 {
    id
}

#[cached(skip(pool.id))]
async fn no_argument(pool: u32) -> u32 {
    pool
}

fn main() {}
