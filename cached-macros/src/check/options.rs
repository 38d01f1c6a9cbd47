//! Rules about options that contradict each other or have the wrong shape.

use crate::captured;
use crate::ctxt::Ctxt;
use crate::options::{CachedOptions, InvalidatesOptions, Tiered, Ttl, With};
use crate::write::Write;
use syn::{Expr, ExprClosure};

/// With both tiers off nothing would be cached, which is an attribute to remove, not to configure.
pub(super) fn check_some_tier(options: &CachedOptions, ctxt: &Ctxt) {
    if options.local.get() == Some(&Tiered::Off)
        && let Some(span) = options.remote_off.span()
    {
        ctxt.error_at(
            span,
            "with `local = off` and `remote = off` nothing is cached: keep one tier, or remove the attribute",
        );
    }
}

/// How values are written says nothing where none is.
pub(super) fn check_codec(options: &CachedOptions, ctxt: &Ctxt) {
    if let (Some(_), Some(span)) = (options.remote_off.get(), options.codec.span()) {
        ctxt.error_at(
            span,
            "`codec` is how values are written in the shared tier, and `remote = off` keeps them out of it: remove one of them",
        );
    }
}

/// Each closure takes what it is over: the value, the error, the limit.
pub(super) fn check_closures(options: &CachedOptions, ctxt: &Ctxt) {
    if let Some(Ttl::ByValue(closure)) = options.ttl.get() {
        check_one_parameter(closure, "`ttl = |value| ..`", ctxt);
    }
    if let Some(Expr::Closure(closure)) = options.cache_if.get() {
        check_one_parameter(closure, "`cache_if = |value| ..`", ctxt);
    }
    if let Some(Expr::Closure(closure)) = options.stale_if.get() {
        check_takes(closure, "the error", "`stale_if = |error| ..`", ctxt);
    }
    if let Some(Expr::Closure(closure)) = options.timeout_error.get() {
        check_takes(closure, "the `LoadTimeout`", "`timeout_error = |limit| ..`", ctxt);
    }
}

/// The closure over the returned value takes the value.
pub(super) fn check_with_closure(write: &Write, ctxt: &Ctxt) {
    let Some(With::Returned(closure)) = write.options.with.get() else { return };
    check_one_parameter(closure, "`with = |value| ..`", ctxt);
    for name in captured::mutable(closure, &write.function) {
        ctxt.error_at(
            name.span(),
            format!(
                "the body has `{name}`, which is behind `&mut`, when the closure is made: return what the closure needs, or \
                 say before the body what depends on it, `with = EXPR` or `key = \"..<{name}>..\"`"
            ),
        );
    }
}

/// A transaction belongs to a pool, and the pool to a cache.
pub(super) fn check_one_destination(options: &InvalidatesOptions, ctxt: &Ctxt) {
    if let (Some(_), Some(span)) = (options.within.get(), options.cache.span()) {
        ctxt.error_at(
            span,
            "with `in` the transaction says which cache, that of its pool: remove `cache`",
        );
    }
}

fn check_takes(closure: &ExprClosure, what: &str, form: &str, ctxt: &Ctxt) {
    if closure.inputs.len() != 1 {
        ctxt.error_over(closure, format!("the closure takes one argument, {what}: {form}"));
    }
}

fn check_one_parameter(closure: &ExprClosure, form: &str, ctxt: &Ctxt) {
    check_takes(closure, "the returned value", form, ctxt);
    if let Some(token) = closure.asyncness {
        ctxt.error_at(token.span, "the closure cannot be `async`: it only looks at the value");
    }
}
