//! What the forms of invalidation cost, against a bare transaction and a table without watch.

fn main() {}
