//! The comma-separated list of options: walks it past errors, and keeps each option set once. It knows no option.

use crate::ctxt::Ctxt;
use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Token};

/// Calls `read` at the start of every element; an element that fails is skipped, so that all errors are seen.
pub(super) fn each(
    input: ParseStream<'_>,
    ctxt: &Ctxt,
    mut read: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let result = read(input).and_then(|()| {
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(());
            }
            Err(input.error("expected `,` between options"))
        });
        if let Err(error) = result {
            ctxt.push(error);
            skip_element(input);
        }
        let _comma = input.parse::<Token![,]>();
    }
}

/// Moves to the next comma outside of brackets.
fn skip_element(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _token = input.parse::<TokenTree>();
    }
}

/// Whether `name =` stands next.
pub(super) fn at_assignment(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==])
}

/// The name of an option; keywords are names here.
pub(super) fn name(input: ParseStream<'_>) -> syn::Result<Ident> {
    input.call(Ident::parse_any)
}

/// The value after `name =`.
pub(super) fn value<T: Parse>(name: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    equals(name, input)?;
    input.parse()
}

/// The `=` after a name, and something behind it.
pub(super) fn equals(name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(name.span(), format!("`{name}` needs a value: `{name} = ..`")));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(name.span(), format!("`{name}` needs a value after `=`")));
    }
    Ok(())
}

/// An expression after `name =`.
pub(super) fn expr(name: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    value(name, input).map(ungrouped)
}

/// What a `macro_rules` macro was given (`$key:literal`, `$call:expr`) comes in a group that cannot be seen.
pub(super) fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        expr => expr,
    }
}

/// The end of an option that is its name alone.
pub(super) fn flag(name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(syn::Error::new(name.span(), format!("`{name}` takes no value: write the name alone")))
}

/// An option that is set at most once.
pub(crate) struct Slot<T>(Option<(Span, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Slot<T> {
    /// Keeps the first value; a second is an error at its name.
    pub(super) fn set(&mut self, name: &Ident, value: T, ctxt: &Ctxt) {
        self.set_or(name, value, ctxt, |name| format!("`{name}` is set twice: keep one"));
    }

    /// The same, for an option whose value may be a list.
    pub(super) fn set_list(&mut self, name: &Ident, value: T, ctxt: &Ctxt) {
        self.set_or(name, value, ctxt, |name| {
            format!("`{name}` is set twice: write one list, `{name} = [\"..\", \"..\"]`")
        });
    }

    fn set_or(&mut self, name: &Ident, value: T, ctxt: &Ctxt, twice: fn(&Ident) -> String) {
        match self.0 {
            Some(_) => ctxt.error_at(name.span(), twice(name)),
            None => self.0 = Some((name.span(), value)),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// Where the option's name stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.0.as_ref().map(|(span, _)| *span)
    }
}
