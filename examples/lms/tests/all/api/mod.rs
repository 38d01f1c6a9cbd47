//! The HTTP API on Postgres and Redis.

mod caching;
mod pages;
mod reading;
mod renaming;
mod without_redis;
