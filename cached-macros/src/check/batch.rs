//! Rules about batches.

use crate::batch;
use crate::ctxt::Ctxt;
use crate::owned;
use crate::read::Read;
use crate::suggest;

/// The body gets the ids that are missing, so they must be a list that can be made anew.
pub(super) fn check_ids(read: &Read, ctxt: &Ctxt) {
    let Some(name) = read.options.batch.get() else { return };
    let Some(argument) = batch::argument(&read.function, name) else {
        let known: Vec<String> = read.function.names().map(ToString::to_string).collect();
        let hint = suggest::did_you_mean(&name.to_string(), known.iter().map(String::as_str));
        ctxt.error_at(name.span(), format!("`batch = {name}` names no argument{hint}"));
        return;
    };
    match &read.batch {
        None => ctxt.error_over(
            &argument.ty,
            "a batch takes its ids as `&[Id]` or `Vec<Id>`: the function is called with those that are missing",
        ),
        Some(batch) if !owned::is_ownable(&batch.id) => ctxt.error_over(
            &batch.id,
            "the ids of a batch are kept until all are found and cannot borrow: take owned ids, such as `&[String]`",
        ),
        Some(_) => {}
    }
    if read.is_skipped(name) {
        ctxt.error_at(
            name.span(),
            format!("`{name}` is the batch and skipped: each id has a key of its own, remove it from `skip`"),
        );
    }
}

/// What looks at the age of one value, or at the time of one load, is not known for many.
pub(super) fn check_options(read: &Read, ctxt: &Ctxt) {
    let options = &read.options;
    if options.batch.get().is_none() {
        return;
    }
    let set = [
        ("stale_while_revalidate", options.stale_while_revalidate.span()),
        ("stale_if_error", options.stale_if_error.span()),
        ("stale_if", options.stale_if.span()),
        ("early_refresh", options.early_refresh.span()),
        ("timeout", options.timeout.span()),
    ];
    for (name, span) in set {
        if let Some(span) = span {
            ctxt.error_at(
                span,
                format!(
                    "`{name}` is not for batches: leave it out, or put it at a function that reads one id"
                ),
            );
        }
    }
}
