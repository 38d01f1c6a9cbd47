//! The help text of `cargo xtask`.

/// One line a command.
pub(crate) const TEXT: &str = "\
Usage: cargo xtask <command>

  demo [ARGS]   start the learning-management example with its own Redis and Postgres
                (arguments are passed on: `cargo xtask demo --exit` runs it once and ends)
  test          everything that must pass: tidy, format, lints, tests, docs, quickstart
  tidy          only the house rules that a program can check
  bless         rewrite expected outputs (compile errors, snapshots, golden files)
  help          this text

`demo` and `test` install redis-server and postgresql through apt-get when they are missing and
the user may do so.";
