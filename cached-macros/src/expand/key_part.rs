//! The expansion of `#[derive(KeyPart)]`: one field as it is, several as a list, a variant by its name.

use super::{Private, local};
use crate::function::mentions;
use crate::key_part::{KeyPart, Part, Shape};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Generics, Ident, Type, TypePath, WherePredicate, parse_quote};

/// `impl KeyPart for Type { .. }`
pub(crate) fn key_part(part: &KeyPart, private: &Private) -> TokenStream {
    let (name, buf) = (&part.name, local("part"));
    let body = match &part.shape {
        Shape::Struct(fields) => of_struct(fields, &buf, private),
        Shape::Enum(variants) => of_enum(variants, &buf, private),
    };
    let generics = bound(part, private);
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

/// What a field holds of a type parameter renders itself: the parameter, or a type of its own such as `T::Id`. What
/// `PhantomData` alone names need not.
fn bound(part: &KeyPart, private: &Private) -> Generics {
    let fields = match &part.shape {
        Shape::Struct(parts) => parts.iter().collect::<Vec<_>>(),
        Shape::Enum(variants) => variants.iter().flat_map(|(_, parts)| parts).collect(),
    };
    let mut held = Held { params: &part.generics, types: Vec::new() };
    fields.iter().for_each(|field| held.visit_type(&field.ty));
    let types = held.types;
    let mut bound = part.generics.clone();
    let clause = bound.make_where_clause();
    clause
        .predicates
        .extend(types.iter().map(|ty| -> WherePredicate { parse_quote!(#ty: #private::KeyPart) }));
    bound
}

/// The parameters, and what is found by way of one, in the types of fields: each once.
struct Held<'a> {
    params: &'a Generics,
    types: Vec<Type>,
}

impl Held<'_> {
    fn add(&mut self, ty: Type) {
        if !self.types.contains(&ty) {
            self.types.push(ty);
        }
    }

    fn is_param(&self, ident: &Ident) -> bool {
        self.params.type_params().any(|param| param.ident == *ident)
    }
}

impl<'ast> Visit<'ast> for Held<'_> {
    fn visit_type_path(&mut self, ty: &'ast TypePath) {
        let first = ty.path.segments.first().filter(|first| self.is_param(&first.ident));
        let by_way = match &ty.qself {
            Some(own) => {
                let own = own.ty.to_token_stream();
                self.params.type_params().any(|it| mentions(&own, &it.ident.unraw().to_string()))
            }
            None => first.is_some(),
        };
        match by_way {
            true => self.add(Type::Path(ty.clone())),
            false => visit::visit_type_path(self, ty),
        }
    }

    // What a macro makes of it is not seen.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        for param in self.params.type_params() {
            let name = &param.ident;
            if mentions(&call.tokens, &name.unraw().to_string()) {
                self.add(parse_quote!(#name));
            }
        }
    }
}

/// Where a field's type stands, for errors about it; `self` is that of the function here.
fn at(part: &Part) -> Span {
    part.ty.span().resolved_at(Span::mixed_site())
}

fn of_struct(parts: &[Part], buf: &Ident, private: &Private) -> TokenStream {
    let values = parts.iter().map(|part| {
        let member = &part.member;
        quote_spanned!(at(part)=> &self.#member)
    });
    rendered(values.collect(), buf, private)
}

fn of_enum(variants: &[(Ident, Vec<Part>)], buf: &Ident, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let arms = variants.iter().map(|(name, parts)| {
        let text = name.unraw().to_string();
        if parts.is_empty() {
            return quote_spanned!(site=> Self::#name { .. } => #buf.text(#text),);
        }
        let name_of = |(index, part): (usize, &Part)| Ident::new(&format!("__{index}"), at(part));
        let locals: Vec<Ident> = parts.iter().enumerate().map(name_of).collect();
        let members = parts.iter().map(|part| &part.member);
        let values = locals
            .iter()
            .zip(parts)
            .map(|(local, part)| quote_spanned!(at(part)=> #local as &dyn #private::KeyPart));
        quote_spanned! {site=>
            Self::#name { #(#members: #locals,)* .. } => {
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
