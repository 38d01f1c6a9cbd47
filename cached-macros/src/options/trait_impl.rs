//! The marker that `#[cached]` on an `impl Trait for Type` leaves on its methods: what a method alone cannot know.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Path, Token, parenthesized};

pub(super) const MARKER: &str = "__in_trait_impl";

/// `__in_trait_impl(U const N; Courses<U, N>)`
#[derive(Clone)]
pub(crate) struct InTraitImpl {
    /// Type and const parameters of the trait alone, which the inherent impl with the companions has not.
    pub(crate) outer: Vec<Parameter>,
    pub(crate) of: Path,
}

#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) is_const: bool,
    pub(crate) name: Ident,
}

impl Parse for InTraitImpl {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let content;
        parenthesized!(content in input);
        let mut outer = Vec::new();
        while !content.peek(Token![;]) {
            let is_const = content.parse::<Option<Token![const]>>()?.is_some();
            outer.push(Parameter { is_const, name: content.parse()? });
        }
        content.parse::<Token![;]>()?;
        Ok(Self { outer, of: content.parse()? })
    }
}

impl ToTokens for InTraitImpl {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { outer, of } = self;
        let marker = Ident::new(MARKER, proc_macro2::Span::mixed_site());
        tokens.extend(quote!(#marker(#(#outer)*; #of)));
    }
}

impl ToTokens for Parameter {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { is_const, name } = self;
        let token = is_const.then(<Token![const]>::default);
        tokens.extend(quote!(#token #name));
    }
}
