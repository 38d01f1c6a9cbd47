//! Rules about the kind of function that can be annotated.

use crate::ctxt::Ctxt;
use crate::function::{self, Function, Style};
use crate::suffix;
use syn::{ReturnType, Safety, Type};

/// The runtime waits for Redis, for other callers and for the body, so the function must be able to wait.
pub(super) fn check_async(function: &Function, ctxt: &Ctxt) {
    if !matches!(function.style, Style::Sync) {
        return;
    }
    let sig = &function.item.sig;
    match &sig.output {
        ReturnType::Type(_, ty) if is_impl_trait(ty) => ctxt.error_over(
            ty,
            "write `async fn` and the value's own type here: the attribute cannot see into `impl Future`",
        ),
        ReturnType::Type(_, ty) if names_boxed_future(ty) => ctxt.error_over(
            ty,
            "a function that returns a boxed future must end in `Box::pin(async move { .. })` and spell \
             `Pin<Box<dyn Future<Output = T>>>`; or write `async fn`",
        ),
        _ => ctxt.error_at(
            sig.fn_token.span,
            "the function must be `async`: it waits for the cache; call `Cache` yourself where that is not possible",
        ),
    }
}

fn is_impl_trait(ty: &Type) -> bool {
    matches!(ty, Type::ImplTrait(_))
}

fn names_boxed_future(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Pin" || last.ident == "BoxFuture")
}

/// The key is rendered inside the async block, and by who invalidates it from the arguments: a statement in between
/// may have given a name of theirs to something else.
pub(super) fn check_nothing_before_box(function: &Function, ctxt: &Ctxt) {
    let Style::Boxed(boxed) = &function.style else { return };
    if !boxed.statements.is_empty() {
        ctxt.error_over(
            &boxed.statements,
            "nothing can stand before `Box::pin(async move { .. })` here, since it could change what an argument's name \
             means in a key: move this into the async block, whose content is the function's body",
        );
    }
}

/// The body moves into an async block, where `const`, `unsafe` and foreign ABIs have no meaning.
pub(super) fn check_plain(function: &Function, ctxt: &Ctxt) {
    let sig = &function.item.sig;
    let message = |word: &str| {
        format!(
            "remove `{word}`, or move this work into a function of its own and annotate an `async fn` that calls it"
        )
    };
    if let Some(token) = sig.constness {
        ctxt.error_at(token.span, message("const"));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        ctxt.error_at(token.span, message("unsafe"));
    }
    if let Some(abi) = &sig.abi {
        ctxt.error_over(abi, message("extern"));
    }
}

/// Such a name would stand for what is emitted beside another function.
pub(super) fn check_name(function: &Function, ctxt: &Ctxt) {
    let name = function.name();
    for suffix in [suffix::COMPANION, suffix::HELPER] {
        if name.ends_with(suffix) {
            ctxt.error_at(
                function.item.sig.ident.span(),
                format!("names that end in `{suffix}` are made by the macros: give this function another one"),
            );
        }
    }
}

/// A hit does not run the body, so it would skip the change that `&mut self` announces.
pub(super) fn check_receiver_unchanged(function: &Function, ctxt: &Ctxt) {
    if let Some(receiver) = function.receiver().filter(|receiver| function::is_mutable(receiver)) {
        ctxt.error_over(
            receiver,
            "a cached method cannot take `&mut self`: a hit does not run the body, so it would skip the mutation; \
             take `&self`",
        );
    }
}

/// A read is not a write: what would be invalidated when, on a hit too?
pub(super) fn check_beside(function: &Function, excluded: &[&str], ctxt: &Ctxt) {
    for attr in &function.item.attrs {
        if excluded.iter().any(|name| function::ends_in(attr.path(), name)) {
            ctxt.error_over(
                attr,
                "a function is either one read (`#[cached]`, once) or a write (`#[invalidates]`): split it in two",
            );
        }
    }
}

/// `#[async_trait]` renames arguments that are patterns, so that no placeholder can name what they bind.
pub(super) fn check_named_arguments(function: &Function, ctxt: &Ctxt) {
    if !matches!(function.style, Style::Boxed(_)) {
        return;
    }
    for name in function.names().filter(|name| function::is_renamed(name)) {
        ctxt.error_at(name.span(), function::RENAMED);
    }
}
