//! The companion of a cached function: it names the function's entry, and `#[invalidates]` calls it.

use super::{Private, generics, local, steps};
use crate::function::{self, Argument, Function, Style};
use crate::read::Read;
use crate::rendering::Rendering;
use crate::suffix::COMPANION;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprReference, GenericParam, Generics, Ident, Pat, PatIdent, Type, Visibility};

/// The companion's name.
pub(super) fn name(function: &Ident) -> Ident {
    format_ident!("{}{COMPANION}", function.unraw(), span = function.span())
}

/// A trait impl cannot hold a function that its trait has not.
pub(crate) fn stands_beside(read: &Read) -> bool {
    read.options.in_trait_impl.is_none() && !matches!(read.function.style, Style::Boxed(_))
}

/// Where a companion stands.
pub(crate) struct Place<'a> {
    pub(crate) vis: &'a Visibility,
    /// Parameters of a block around the function that the block around the companion has not.
    pub(crate) outer: &'a Generics,
}

impl Place<'_> {
    /// Parameters that the companion may need.
    pub(super) fn generics(&self, read: &Read) -> Generics {
        let own = &read.function.item.sig.generics;
        let mut generics = self.outer.clone();
        generics.params.extend(own.params.iter().cloned());
        // Lifetimes come first.
        let (lifetimes, others): (Vec<_>, Vec<_>) = std::mem::take(&mut generics.params)
            .into_iter()
            .partition(|param| matches!(param, GenericParam::Lifetime(_)));
        generics.params = lifetimes.into_iter().chain(others).collect();
        if let Some(clause) = &own.where_clause {
            generics.make_where_clause().predicates.extend(clause.predicates.iter().cloned());
        }
        generics
    }
}

/// `fn course__needs_cached_attribute(id: &Uuid) -> Target { .. }`
pub(crate) fn companion(
    read: &Read,
    key: &Rendering,
    private: &Private,
    place: &Place<'_>,
) -> TokenStream {
    let site = Span::mixed_site();
    let lent = |name: &Ident| {
        let is_id = read.batch.as_ref().is_some_and(|batch| batch.name == *name);
        let mut args = read.function.args.iter();
        let mut by_value =
            args.any(|arg| arg.names.contains(name) && !matches!(arg.ty, Type::Reference(_)));
        by_value |= is_id;
        by_value
    };
    let within = name(&read.function.item.sig.ident).to_string();
    let chain = steps::chain_with(key, &within, |part| steps::lent_part(part, lent));
    let rendered = steps::rendered(private, "Key", &chain);
    let target = match read.options.cache.get() {
        None => quote_spanned!(site=> #private::Target::key(#rendered)),
        Some(cache) => {
            let (copies, cache) = (copies(read, cache, private), reference_to(cache));
            let (before, key) = match copies {
                None => (None, rendered),
                // The key is rendered of what is lent.
                Some(copies) => {
                    let k = local("key");
                    (Some(quote_spanned!(site=> let #k = #rendered; #copies)), quote!(#k))
                }
            };
            quote_spanned!(site=> #before #private::Target::key_in(#cache, #key))
        }
    };
    with_body(read, Some(key), private, place, &target)
}

/// Makes of arguments that are lent what the function has, so that what chooses the cache there does so here.
fn copies(read: &Read, cache: &Expr, private: &Private) -> Option<TokenStream> {
    let cache = cache.to_token_stream();
    let by_value = read.function.args.iter().filter(|arg| !matches!(arg.ty, Type::Reference(_)));
    let names = by_value.flat_map(|arg| &arg.names).filter(|name| {
        let is_id = read.batch.as_ref().is_some_and(|batch| batch.name == **name);
        !is_id && function::mentions(&cache, &name.unraw().to_string())
    });
    let copies: Vec<TokenStream> = names
        .map(|name| {
            quote_spanned!(Span::mixed_site()=> let #name = (&#private::ForCache(#name)).via_for_cache();)
        })
        .collect();
    (!copies.is_empty()).then(|| {
        quote_spanned!(Span::mixed_site()=> use #private::{ViaCopy as _, ViaReference as _}; #(#copies)*)
    })
}

/// A companion for a function whose attribute has errors, so that calls of it raise none of their own.
pub(crate) fn stand_in(read: &Read, private: &Private, place: &Place<'_>) -> TokenStream {
    with_body(read, read.key.as_ref(), private, place, &quote!(loop {}))
}

fn with_body(
    read: &Read,
    key: Option<&Rendering>,
    private: &Private,
    place: &Place<'_>,
    body: &TokenStream,
) -> TokenStream {
    let function = &read.function;
    let name = name(&function.item.sig.ident);
    let cfgs = function.item.cfgs();
    let mut args = Vec::new();
    let mut patterns = Vec::new();
    for (at, arg) in function.args.iter().enumerate().filter(|(_, arg)| is_taken(read, arg)) {
        let lent = is_inferred(&arg.ty, read, place);
        let ty = match &read.batch {
            Some(batch) if arg.plain_name() == Some(&batch.name) => reference(&batch.id),
            _ if lent => {
                let ty = &arg.ty;
                quote!(&#ty)
            }
            _ => reference(&arg.ty),
        };
        let deref = lent.then(|| quote!(*));
        match arg.plain_name() {
            Some(name) => {
                args.push(quote!(#name: #ty));
                patterns.extend(lent.then(|| quote!(let #name = *#name;)));
            }
            None => {
                let whole = local(&format!("arg{at}"));
                let pat = by_reference(&arg.pat);
                args.push(quote!(#whole: #ty));
                patterns.push(quote!(let #pat = #deref #whole;));
            }
        }
    }
    let receiver = takes_receiver(read, key).then(|| quote!(&self,));
    let mut used: TokenStream = quote!(#(#args)*);
    if let Some(cache) = read.options.cache.get() {
        used.extend(cache.to_token_stream());
    }
    let parameters = |ident: &Ident| key.is_none_or(|key| key.names_parameter(ident));
    let generics = generics::retained(&place.generics(read), &used, parameters);
    let (params, _, where_clause) = generics.split_for_impl();
    let vis = place.vis;
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
        #vis fn #name #params (#receiver #(#args),*) -> #private::Target #where_clause {
            #(#patterns)*
            #body
        }
    }
}

/// Whether an argument takes part in the key or in the choice of the cache.
fn is_taken(read: &Read, arg: &Argument) -> bool {
    let cache = read.options.cache.get().map(|cache| cache.to_token_stream());
    arg.names.iter().any(|name| {
        !read.is_skipped(name)
            || cache
                .as_ref()
                .is_some_and(|cache| function::mentions(cache, &name.unraw().to_string()))
    })
}

fn takes_receiver(read: &Read, key: Option<&Rendering>) -> bool {
    let by_cache = || {
        let cache = read.options.cache.get();
        cache.is_some_and(|cache| function::mentions(&cache.to_token_stream(), "self"))
    };
    has_receiver(&read.function) && (key.is_some_and(Rendering::names_receiver) || by_cache())
}

fn has_receiver(function: &Function) -> bool {
    function.receiver().is_some()
}

/// Whether what a reference points to is inferred from the call alone, as for `&T` and `&impl Trait`. Calls lend their arguments,
/// so the companion takes a reference more of these: `&id` of an `id: &u32` would else be a call for `&u32`, of another key.
fn is_inferred(ty: &Type, read: &Read, place: &Place<'_>) -> bool {
    let Type::Reference(reference) = ty else { return false };
    let mut inside = function::ungrouped(&reference.elem);
    while let Type::Paren(paren) = inside {
        inside = function::ungrouped(&paren.elem);
    }
    match inside {
        Type::ImplTrait(_) => true,
        Type::Path(path) => {
            let own = read.function.item.sig.generics.type_params();
            let mut params = own.chain(place.outer.type_params());
            params.any(|param| path.path.is_ident(&param.ident))
        }
        inside => is_inferred(inside, read, place),
    }
}

/// `&T`, or the reference itself.
fn reference(ty: &Type) -> TokenStream {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => quote!(#reference),
        Type::ImplTrait(bounds) if bounds.bounds.len() > 1 => quote!(&(#bounds)),
        Type::TraitObject(bounds) => quote!(&(#bounds)),
        ty => quote!(&#ty),
    }
}

/// A pattern that matches behind a reference: `mut`, `ref` and `&` have no place there.
fn by_reference(pat: &Pat) -> Pat {
    struct Plain;
    impl VisitMut for Plain {
        fn visit_pat_mut(&mut self, pat: &mut Pat) {
            while let Pat::Reference(reference) = pat {
                *pat = (*reference.pat).clone();
            }
            visit_mut::visit_pat_mut(self, pat);
        }

        fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
            pat.mutability = None;
            pat.by_ref = None;
            visit_mut::visit_pat_ident_mut(self, pat);
        }
    }
    let mut pat = pat.clone();
    Plain.visit_pat_mut(&mut pat);
    pat
}

/// `&EXPR`, unless it is a reference already.
pub(super) fn reference_to(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Reference(reference) => quote!(#reference),
        // The tree puts parentheses where they are needed.
        expr => ExprReference {
            attrs: Vec::new(),
            and_token: syn::Token![&](Span::mixed_site().located_at(expr.span())),
            mutability: None,
            expr: Box::new(expr.clone()),
        }
        .into_token_stream(),
    }
}
