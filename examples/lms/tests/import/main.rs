//! `lms import` and `lms seed` on a real Postgres.

mod command;
mod damage;
mod fixture;
mod repeat;
mod whole_set;
