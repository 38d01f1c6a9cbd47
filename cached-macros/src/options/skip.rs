//! `skip(pool, ctx)`: arguments that are no part of the key. Whether they exist is checked elsewhere.

use syn::parse::ParseStream;
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
    let names =
        content.call(Punctuated::<Ident, Token![,]>::parse_terminated).map_err(|error| {
            syn::Error::new(
                error.span(),
                "`skip` takes plain argument names, such as `skip(pool, ctx)`",
            )
        })?;
    Ok(names.into_iter().collect())
}
