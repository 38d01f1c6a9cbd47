//! The HTTP API and the pages' text, on Postgres and Redis.

mod by_hand;
mod cache_map;
mod caching;
mod enrolling;
mod logins;
mod operations;
mod pages;
mod pressure;
mod reading;
mod renaming;
mod roster;
mod warming;
mod without_redis;
mod writes;
