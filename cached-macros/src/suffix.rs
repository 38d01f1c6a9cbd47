//! How the names of functions end that are emitted beside the user's. Emitting them is `expand`'s work.

/// A companion's. Where there is none, errors of the compiler say by it what to do: "cannot find function
/// `course__needs_cached_attribute`".
pub(crate) const COMPANION: &str = "__needs_cached_attribute";

/// That of the helper of `stale_while_revalidate`.
pub(crate) const HELPER: &str = "__in_background";
