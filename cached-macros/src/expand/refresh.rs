//! `stale_while_revalidate`, and `timeout` beside `stale_if_error`: the task that calls the function again, owning its
//! arguments, and the helper that makes it.
//!
//! The task cannot be made inside of an `async fn`: whether it is `Send` depends on the future of the function itself,
//! which the compiler does not know before it has checked the body. A helper beside the function returns a boxed
//! future of a known type. A function that returns a boxed future anyway needs none.

use super::companion::Place;
use super::{Private, local};
use crate::function::{Function, Style};
use crate::owned::{self, How, Owned};
use crate::read::Read;
use crate::suffix::HELPER;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Ident, Type};

/// `.refresh(|| ..)`, if the option is set.
pub(super) fn call(read: &Read, private: &Private) -> Option<TokenStream> {
    let (option, span) = read.background()?;
    let here = span.resolved_at(Span::mixed_site());
    let owned = owned::arguments(&read.function, option).ok()?;
    let values = owned.iter().map(|each| value(each, private));
    if let Style::Boxed(_) = read.function.style {
        let names = (0..owned.len()).map(argument);
        let types = owned.iter().map(|each| kept(&each.how));
        let again = again(read, &owned);
        return Some(
            quote_spanned!(here=> .refresh(|| { #(let #names: #types = #values;)* async move { #again } })),
        );
    }
    let helper = name(&read.function.item.sig.ident);
    let outer =
        read.options.in_trait_impl.iter().flat_map(|marker| &marker.outer).map(|it| &it.name);
    let generics = generics(outer.chain(own_parameters(&read.function)));
    let path = if is_associated(read) {
        let own = own_type();
        quote!(#own::#helper #generics)
    } else {
        quote!(#helper #generics)
    };
    Some(quote_spanned!(here=> .refresh(|| #path(#(#values),*))))
}

/// `fn course__in_background(this: Self, id: Uuid) -> Task { .. }`, where one is needed.
pub(super) fn helper(read: &Read, private: &Private, place: &Place<'_>) -> Option<TokenStream> {
    let (option, span) = read.background()?;
    let here = span.resolved_at(Span::mixed_site());
    let owned = owned::arguments(&read.function, option).ok()?;
    if matches!(read.function.style, Style::Boxed(_)) {
        return None;
    }
    let name = name(&read.function.item.sig.ident);
    let cfgs = read.function.item.cfgs();
    let args = owned.iter().enumerate().map(|(at, each)| {
        let (name, ty) = (argument(at), kept(&each.how));
        quote!(#name: #ty)
    });
    let again = again(read, &owned);
    let generics = place.generics(read);
    let (params, _, where_clause) = generics.split_for_impl();
    let task = quote_spanned!(here=> #private::task(async move { #again }));
    Some(quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
        fn #name #params (#(#args),*) -> #private::Task #where_clause { #task }
    })
}

/// `let _ = Self::course(&this, id).await;`
fn again(read: &Read, owned: &[Owned]) -> TokenStream {
    let ident = &read.function.item.sig.ident;
    let generics = generics(own_parameters(&read.function));
    let own = own_type();
    let path = match &read.options.in_trait_impl {
        Some(marker) => {
            let of = &marker.of;
            quote!(<#own as #of>::#ident)
        }
        None if is_associated(read) => quote!(#own::#ident),
        None => quote!(#ident),
    };
    let args = owned.iter().enumerate().map(|(at, each)| handed_on(&argument(at), &each.how));
    quote_spanned!(Span::mixed_site()=> let _ = #path #generics(#(#args),*).await;)
}

/// The expression that the task keeps. It names the type, so that an error shows that and not the value.
fn value(Owned { name, how, span }: &Owned, private: &Private) -> TokenStream {
    let span = span.resolved_at(Span::mixed_site());
    match how {
        How::Value(ty) => quote_spanned!(span=> #private::own::<#ty, _>(&#name)),
        How::Lent(ty) => quote_spanned!(span=> #private::own::<#ty, _>(#name)),
        How::LentIfAny(ty) => {
            quote_spanned!(span=> ::core::option::Option::map(#name, #private::own::<#ty, _>))
        }
    }
}

/// The type of that.
fn kept(how: &How) -> TokenStream {
    match how {
        How::Value(ty) => quote!(#ty),
        How::Lent(ty) => owned_form(ty),
        How::LentIfAny(ty) => {
            let ty = owned_form(ty);
            quote!(::core::option::Option<#ty>)
        }
    }
}

/// `T` itself where it is sized, so that a type that cannot be cloned is one error, at its value.
fn owned_form(ty: &Type) -> TokenStream {
    let unsized_path = |path: &syn::TypePath| {
        let last = path.path.segments.last();
        last.is_some_and(|last| {
            ["str", "Path", "OsStr", "CStr"].contains(&last.ident.to_string().as_str())
        })
    };
    match ty {
        Type::Slice(_) => quote!(<#ty as ::std::borrow::ToOwned>::Owned),
        Type::Path(path) if unsized_path(path) => quote!(<#ty as ::std::borrow::ToOwned>::Owned),
        ty => quote!(#ty),
    }
}

/// The argument of the call.
fn handed_on(name: &Ident, how: &How) -> TokenStream {
    match how {
        How::Value(_) => quote!(#name),
        How::Lent(ty) => quote!(::core::borrow::Borrow::<#ty>::borrow(&#name)),
        How::LentIfAny(ty) => quote!(::core::option::Option::map(
            ::core::option::Option::as_ref(&#name),
            ::core::borrow::Borrow::<#ty>::borrow
        )),
    }
}

fn name(function: &Ident) -> Ident {
    format_ident!("{}{HELPER}", function.unraw(), span = function.span())
}

fn argument(at: usize) -> Ident {
    local(&format!("arg{at}"))
}

fn own_type() -> Ident {
    Ident::new("Self", Span::call_site())
}

fn own_parameters(function: &Function) -> impl Iterator<Item = &Ident> {
    function.type_params().chain(function.const_params())
}

/// `::<T, N>`, or nothing.
fn generics<'a>(parameters: impl Iterator<Item = &'a Ident>) -> Option<TokenStream> {
    let parameters: Vec<&Ident> = parameters.collect();
    (!parameters.is_empty()).then(|| quote!(::<#(#parameters),*>))
}

/// Whether the function stands in an impl block, as far as it shows.
fn is_associated(read: &Read) -> bool {
    read.options.in_trait_impl.is_some()
        || read.function.names_self_type()
        || read.options.name_self_type
        || says_self_type(read.function.item.body.stream())
}

/// Whether a body says `Self`; in an impl or a trait inside of it that is another type.
fn says_self_type(body: TokenStream) -> bool {
    let mut inside_item = false;
    body.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => {
            inside_item |= ident == "impl" || ident == "trait";
            ident == "Self" && !inside_item
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            !std::mem::take(&mut inside_item) && says_self_type(group.stream())
        }
        TokenTree::Group(group) => !inside_item && says_self_type(group.stream()),
        _ => false,
    })
}
