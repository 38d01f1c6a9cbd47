//! Values that are templates: one literal, or a list of them. What a template may hold is `template`'s matter.

use super::list;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Token, token};

/// Reads one literal.
pub(super) fn one(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    text(name, list::expr(name, input)?)
}

/// Reads a literal or a list of literals in brackets.
pub(super) fn many(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    list::equals(name, input)?;
    if !input.peek(token::Bracket) {
        return Ok(vec![text(name, input.parse()?)?]);
    }
    let content;
    let bracket = syn::bracketed!(content in input);
    if content.is_empty() {
        let message = format!("`{name} = []` is empty: name something or remove it");
        return Err(syn::Error::new(bracket.span.join(), message));
    }
    content
        .call(Punctuated::<Expr, Token![,]>::parse_terminated)?
        .into_iter()
        .map(|expr| text(name, expr))
        .collect()
}

fn text(name: &Ident, expr: Expr) -> syn::Result<LitStr> {
    match list::ungrouped(expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(syn::Error::new_spanned(
            other,
            format!("`{name}` takes text with placeholders, such as \"course:<id>\""),
        )),
    }
}
