//! The expansion of `#[derive(KeyPart)]`: one field as it is, several as a list, a variant by its name.

use super::{Private, local};
use crate::key_part::{KeyPart, Shape};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Field, Fields, GenericParam, Generics, Ident, parse_quote};

/// `impl KeyPart for Type { .. }`
pub(crate) fn key_part(part: &KeyPart, private: &Private) -> TokenStream {
    let (name, buf) = (&part.name, local("part"));
    let body = match &part.shape {
        Shape::Struct(fields) => of_struct(fields, &buf, private),
        Shape::Enum(variants) => of_enum(variants, &buf, private),
    };
    let generics = bound(&part.generics, private);
    let (params, arguments, predicates) = generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #params #private::KeyPart for #name #arguments #predicates {
            fn render(&self, #buf: &mut #private::Part<'_>) {
                #body
            }
        }
    }
}

/// Each type parameter renders itself.
fn bound(generics: &Generics, private: &Private) -> Generics {
    let mut bound = generics.clone();
    let clause = bound.make_where_clause();
    for param in &generics.params {
        if let GenericParam::Type(param) = param {
            let name = &param.ident;
            clause.predicates.push(parse_quote!(#name: #private::KeyPart));
        }
    }
    bound
}

/// Where a field's type stands, for errors about it; `self` is that of the function here.
fn at(field: &Field) -> Span {
    field.ty.span().resolved_at(Span::mixed_site())
}

fn of_struct(fields: &Fields, buf: &Ident, private: &Private) -> TokenStream {
    let values = fields
        .members()
        .zip(fields)
        .map(|(member, field)| quote_spanned!(at(field)=> &self.#member));
    rendered(values.collect(), buf, private)
}

fn of_enum(variants: &[(Ident, Fields)], buf: &Ident, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let arms = variants.iter().map(|(name, fields)| {
        let text = name.unraw().to_string();
        if fields.is_empty() {
            return quote_spanned!(site=> Self::#name { .. } => #buf.text(#text),);
        }
        let name_of =
            |(index, field): (usize, &Field)| Ident::new(&format!("__{index}"), at(field));
        let locals: Vec<Ident> = fields.iter().enumerate().map(name_of).collect();
        let members = fields.members();
        let values = locals
            .iter()
            .zip(fields)
            .map(|(local, field)| quote_spanned!(at(field)=> #local as &dyn #private::KeyPart));
        quote_spanned! {site=>
            Self::#name { #(#members: #locals),* } => {
                #buf.list([&#text as &dyn #private::KeyPart, #(#values),*]);
            }
        }
    });
    // Of an enum without variants there is no value.
    match variants.is_empty() {
        true => quote_spanned!(site=> match *self {}),
        false => quote_spanned!(site=> match self { #(#arms)* }),
    }
}

/// One value as it is, several as a list.
fn rendered(values: Vec<TokenStream>, buf: &Ident, private: &Private) -> TokenStream {
    match &values[..] {
        [one] => {
            let render = quote_spanned!(one.span()=> #private::KeyPart::render);
            quote!(#render(#one, #buf);)
        }
        several => {
            let values = several
                .iter()
                .map(|value| quote_spanned!(value.span()=> #value as &dyn #private::KeyPart));
            quote!(#buf.list([#(#values),*]);)
        }
    }
}
