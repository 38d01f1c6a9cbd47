//! Puts the user's body into the future that the runtime polls. The body appears once.

use super::Private;
use crate::function::{Function, Style};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

/// `async move { hint; BODY }`
///
/// The hint makes `?`, `return` and coercions infer as they do in the function itself: an async block alone
/// takes its type from its first `return`.
pub(super) fn future(function: &Function, private: &Private) -> TokenStream {
    future_with(function, private, &TokenStream::new())
}

/// The same, with something in front of the body.
pub(super) fn future_with(
    function: &Function,
    private: &Private,
    before: &TokenStream,
) -> TokenStream {
    let output = &function.output;
    let block = match &function.style {
        Style::Boxed(boxed) => &boxed.block,
        _ => &function.item.body,
    };
    let body = block.stream();
    let hint = quote_spanned! {Span::mixed_site()=>
        if false {
            return #private::never::<#output>();
        }
    };
    // An error about the whole body points at its braces.
    let mut braces = Group::new(Delimiter::Brace, quote!(#hint #before #body));
    braces.set_span(block.span());
    let braces = TokenTree::Group(braces);
    quote!(async move #braces)
}

/// The function with `content` as what it awaits.
pub(super) fn function(function: &Function, content: &TokenStream) -> TokenStream {
    match &function.style {
        Style::Boxed(boxed) => function.item.with_body(&boxed.body(content)),
        _ => function.item.with_body(content),
    }
}
