//! Rules about the declared return type. Whether the value can be stored is decided by traits, at its type.

use crate::ctxt::Ctxt;
use crate::function::{Function, Style};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{PathArguments, ReturnType, Type, TypeImplTrait, TypePath, TypeReference};

/// There is nothing to cache in `()`, and `!` never comes.
pub(super) fn check_returns_value(function: &Function, ctxt: &Ctxt) {
    let sig = &function.item.sig;
    match (&function.style, &sig.output) {
        (Style::Async, ReturnType::Default) => ctxt.error_at(
            sig.paren_token.span.close(),
            "a cached function returns the value to cache: add `-> T`; for a function that changes something use \
             `#[invalidates]`",
        ),
        _ => match &function.output {
            Type::Tuple(tuple) if tuple.elems.is_empty() => ctxt.error_over(
                tuple,
                "`()` holds nothing to cache; for a function that changes something use `#[invalidates]`",
            ),
            Type::Never(never) => {
                ctxt.error_over(never, "a function that never returns has nothing to cache: remove the attribute");
            }
            _ => {}
        },
    }
}

/// The cache must name the type to decode a value into.
pub(super) fn check_value_is_named_type(function: &Function, ctxt: &Ctxt) {
    for found in impl_traits(function) {
        ctxt.error_over(
            found,
            "a cached value needs a type that can be named, since it is decoded again: write the type itself \
             instead of `impl Trait`",
        );
    }
}

/// The expansion names the type too, to choose between `Result` and plain values.
pub(super) fn check_output_is_named_type(function: &Function, ctxt: &Ctxt) {
    for found in impl_traits(function) {
        ctxt.error_over(
            found,
            "write the type itself instead of `impl Trait`: the expansion has to name it",
        );
    }
}

fn impl_traits(function: &Function) -> Vec<TypeImplTrait> {
    struct Finder(Vec<TypeImplTrait>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            self.0.push(ty.clone());
        }
    }
    let mut finder = Finder(Vec::new());
    if !matches!(function.style, Style::Sync) {
        finder.visit_type(&function.output);
    }
    finder.0
}

/// A cached value outlives the call; so does an error, which waiting callers are given a clone of.
pub(super) fn check_value_is_owned(function: &Function, ctxt: &Ctxt) {
    struct Finder<'a> {
        ctxt: &'a Ctxt,
        /// A value is decoded again, so not even `'static` references are values.
        in_error: bool,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
            let lifetime = ty.lifetime.as_ref();
            if self.in_error && lifetime.is_some_and(|lifetime| lifetime.ident == "static") {
                return;
            }
            let what = match self.in_error {
                true => "the error of a load is shared with waiting callers, so it",
                false => "a cached value",
            };
            let owned = match &*ty.elem {
                Type::Path(path) if path.path.is_ident("str") => "`String` or `Arc<str>`",
                Type::Slice(_) => "a `Vec`",
                _ => "the type without `&`",
            };
            let message = format!("{what} outlives the call and cannot borrow: return {owned}");
            self.ctxt.error_at(ty.and_token.span(), message);
        }

        fn visit_type_path(&mut self, ty: &'ast TypePath) {
            let Some(last) = ty.path.segments.last() else { return };
            match &last.arguments {
                PathArguments::AngleBracketed(args) if last.ident == "Result" => {
                    for arg in &args.args {
                        self.visit_generic_argument(arg);
                        self.in_error = true;
                    }
                }
                _ => visit::visit_type_path(self, ty),
            }
        }
    }
    Finder { ctxt, in_error: false }.visit_type(&function.output);
}
