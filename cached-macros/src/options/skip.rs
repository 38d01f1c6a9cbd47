//! `skip(pool, ctx)`: arguments that are no part of the key. Whether they exist is checked elsewhere.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Ident, Token, token};

/// Reads the names in parentheses.
pub(super) fn names(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(
            name.span(),
            "`skip` takes argument names in parentheses: `skip(pool, ctx)`",
        ));
    }
    let content;
    syn::parenthesized!(content in input);
    if content.is_empty() {
        return Err(syn::Error::new(name.span(), "`skip()` names no argument: remove it"));
    }
    // Taken out at once: what is left in the parentheses would be a second error.
    let tokens: TokenStream = content.parse()?;
    let names = |input: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    };
    let names = names.parse2(tokens).map_err(|error| {
        let message = "`skip` takes plain argument names, such as `skip(pool, ctx)`";
        syn::Error::new(error.span(), message)
    })?;
    Ok(names.into_iter().map(raw).collect())
}

/// The name as the argument has it: `skip(type)` is meant for `r#type`.
pub(super) fn raw(name: Ident) -> Ident {
    let text = name.to_string();
    match text.as_str() {
        "self" | "Self" | "super" | "crate" | "_" => name,
        _ if syn::parse_str::<Ident>(&text).is_ok() => name,
        _ => Ident::new_raw(&text, name.span()),
    }
}
