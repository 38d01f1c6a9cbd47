//! The fuzz targets are a workspace of their own, which needs a nightly compiler to run: that they compile, any can tell.

use crate::steps::succeed;
use crate::workspace::{cargo, target};

/// Lints the fuzz targets.
pub(crate) fn check() -> Result<(), String> {
    let lints = ["clippy", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--", "-D", "warnings"];
    let mut lints = cargo(lints);
    // Beside the workspace's own, so that dependencies are not checked twice.
    lints.env("CARGO_TARGET_DIR", target());
    // A name is enough: nothing is linked, and so the fuzzer itself need not be compiled.
    lints.env("CUSTOM_LIBFUZZER_PATH", "/not/linked/libfuzzer.a");
    succeed(lints)
}
