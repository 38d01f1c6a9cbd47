//! Loading data sets: damaged ones, the same one again, the whole one.

mod damage;
mod repeat;
mod whole_set;
