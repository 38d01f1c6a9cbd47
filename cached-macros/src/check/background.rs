//! Rules about values that are served after their lifetime, or loaded before it ends.

use crate::ctxt::Ctxt;
use crate::options::{CachedOptions, Tiered};
use crate::owned;
use crate::read::Read;

/// Early refresh looks at the age of the copy in this process.
pub(super) fn check_local_tier(options: &CachedOptions, ctxt: &Ctxt) {
    if let (Some(Tiered::Off), Some(span)) = (options.local.get(), options.early_refresh.span()) {
        ctxt.error_at(
            span,
            "`early_refresh` works with the copy in this process, which `local = off` does not keep: remove one of the \
             two",
        );
    }
}

/// The load in the background outlives the call that began it.
pub(super) fn check_arguments_owned(read: &Read, ctxt: &Ctxt) {
    let Some((option, _)) = read.background() else { return };
    for refused in owned::arguments(&read.function, option).err().into_iter().flatten() {
        ctxt.error_over(refused.tokens, refused.why);
    }
}

/// The task names the function by its path. In a trait impl that goes through the trait, which the block's attribute alone
/// knows: `Self::course` may be an inherent method of the same name.
pub(super) fn check_trait_known(read: &Read, ctxt: &Ctxt) {
    let Some((option, span)) = read.background() else { return };
    if read.options.in_trait_impl.is_none() && read.function.is_async_trait() {
        ctxt.error_at(
            span,
            format!(
                "`{option}` calls the function again in the background, and needs to know of which trait it is: put \
                 `#[cached]` on the impl block too, below or above `#[async_trait]`; a default method of a trait \
                 cannot have it"
            ),
        );
    }
}

/// It narrows what the window is for.
pub(super) fn check_stale_if(options: &CachedOptions, ctxt: &Ctxt) {
    // Batches have neither.
    if let (None, None, Some(span)) =
        (options.batch.get(), options.stale_if_error.get(), options.stale_if.span())
    {
        ctxt.error_at(
            span,
            "`stale_if` tells in place of which errors a stale value is served: say for how long, as in \
             `stale_if_error = \"10m\"`",
        );
    }
}

/// It is the error of a limit.
pub(super) fn check_timeout_error(options: &CachedOptions, ctxt: &Ctxt) {
    if let (None, Some(span)) = (options.timeout.get(), options.timeout_error.span()) {
        ctxt.error_at(
            span,
            "`timeout_error` is what a load returns that takes longer than `timeout`: say how long, as in \
             `timeout = \"2s\"`",
        );
    }
}
