//! The annotated function as written: its signature parsed, its body kept as tokens, so that a half-typed body
//! still parses.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// A function or method with a body.
#[derive(Clone)]
pub(crate) struct FnItem {
    pub(crate) attrs: Vec<Attribute>,
    /// `#![..]` at the start of the body.
    pub(crate) inner_attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The braces and what is in them, without inner attributes.
    pub(crate) body: Group,
}

impl Parse for FnItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        if !at_signature(input) {
            return Err(input
                .error("expected an `async fn`: this attribute goes on a function or a method"));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(input.error(
                "a method without body has nothing to run: put the attribute on the implementation",
            ));
        }
        let (inner_attrs, body) = match input.parse::<TokenTree>()? {
            TokenTree::Group(group) => split_inner_attrs(group)?,
            other => {
                return Err(syn::Error::new(
                    other.span(),
                    "expected the function's body in braces",
                ));
            }
        };
        Ok(Self { attrs, inner_attrs, vis, sig, body })
    }
}

fn at_signature(input: ParseStream<'_>) -> bool {
    input.peek(Token![async])
        || input.peek(Token![fn])
        || input.peek(Token![const]) && !(input.peek2(syn::Ident) && input.peek3(Token![:]))
        || input.peek(Token![unsafe]) && !input.peek2(Token![impl]) && !input.peek2(Token![trait])
        || input.peek(Token![extern])
}

fn split_inner_attrs(group: Group) -> syn::Result<(Vec<Attribute>, Group)> {
    let span = group.span();
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_inner)?;
        Ok((attrs, input.parse::<TokenStream>()?))
    };
    let (attrs, rest) = syn::parse::Parser::parse2(parser, group.stream())?;
    let mut body = Group::new(group.delimiter(), rest);
    body.set_span(span);
    Ok((attrs, body))
}

impl FnItem {
    /// The function with another body.
    pub(crate) fn with_body(&self, body: &TokenStream) -> TokenStream {
        let Self { attrs, inner_attrs, vis, sig, .. } = self;
        // `#[inline]` and friends may stand as inner attributes too; they stay inside of the braces.
        let mut braces = Group::new(proc_macro2::Delimiter::Brace, quote!(#(#inner_attrs)* #body));
        braces.set_span(self.body.span());
        quote!(#(#attrs)* #vis #sig #braces)
    }

    /// `#[cfg(..)]` attributes: what is emitted beside the function must vanish with it.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }
}

impl ToTokens for FnItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.with_body(&self.body.stream()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> syn::Result<FnItem> {
        syn::parse_str(text)
    }

    #[test]
    fn a_half_typed_body_parses_and_is_kept() {
        let item = parse("pub async fn f(id: u32) -> u32 { let x = self. ; id + }").unwrap();
        assert!(item.to_token_stream().to_string().contains("self . ; id +"));
    }

    #[test]
    fn inner_attributes_stay_in_front_of_the_body() {
        let item = parse("async fn f() -> u32 { #![allow(dead_code)] 1 }").unwrap();
        assert_eq!(item.inner_attrs.len(), 1);
        assert_eq!(item.body.to_string(), "{ 1 }");
    }

    #[test]
    fn what_is_no_function_is_named() {
        for (text, part) in [
            ("struct A;", "expected an `async fn`"),
            ("const A: u32 = 1;", "expected an `async fn`"),
            ("async fn f() -> u32;", "put the attribute on the implementation"),
        ] {
            let message = parse(text).err().unwrap().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
