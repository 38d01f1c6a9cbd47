//! What the options of `#[cached]` become: the static with what is known at compile time, and the calls that add what is
//! computed each time.

use super::steps::{self, AfterReturn};
use super::{Private, companion, local, refresh, word};
use crate::batch::Batch;
use crate::function::{self, Function};
use crate::options::{Lifetime, Tiered, Ttl};
use crate::read::Read;
use crate::rendering::Rendering;
use crate::resolve;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

pub(super) fn at_type(ty: &syn::Type) -> Span {
    ty.span().resolved_at(Span::mixed_site())
}

/// The cache that `cache = EXPR` names, with what must stand before it.
pub(super) fn cache(read: &Read, private: &Private) -> Option<(TokenStream, TokenStream)> {
    let cache = read.options.cache.get()?;
    let reference = companion::reference_to(cache);
    Some(match is_lent(cache, &read.function) {
        true => (quote!(), reference),
        false => cache_handle(&reference, private),
    })
}

/// Whether the cache that `cache = EXPR` names is there as long as the body runs: a static, or what `&self` has. An
/// argument or `self` by value goes into the body, and what a call gives ends with its statement.
fn is_lent(cache: &Expr, function: &Function) -> bool {
    let tokens = cache.to_token_stream();
    let mut args = function.names();
    if args.any(|arg| function::mentions(&tokens, &arg.unraw().to_string())) {
        return false;
    }
    let by_reference = matches!(
        function.receiver().map(|receiver| &receiver.kind),
        Some(syn::ReceiverKind::Reference(..))
    );
    (by_reference || !function::mentions(&tokens, "self")) && is_place(cache)
}

/// A path, or fields of one.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Reference(reference) => is_place(&reference.expr),
        _ => false,
    }
}

/// A handle of the cache for the time of the body, and what makes it.
pub(super) fn cache_handle(
    reference: &TokenStream,
    private: &Private,
) -> (TokenStream, TokenStream) {
    let handle = local("cache");
    let clone = quote_spanned! {Span::mixed_site()=>
        let #handle = #private::handle(#reference);
    };
    (clone, quote!(&#handle))
}

/// `site!("course", "course:<id>", ..)`: a static with what is known at compile time.
pub(super) fn site(read: &Read, key: &Rendering, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let name = read.function.name();
    let template = match &key.literal {
        Some(literal) => quote!(#literal),
        None => {
            let text = format!("::{name}{}", resolve::shown(key));
            quote_spanned!(site=> ::core::concat!(::core::module_path!(), #text))
        }
    };
    let settings = settings(read, private);
    quote_spanned!(site=> #private::site!(#name, #template #settings))
}

/// The options that are known at compile time.
fn settings(read: &Read, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let options = &read.options;
    let mut settings = TokenStream::new();
    let mut set = |method: &str, argument: TokenStream| {
        let method = word(method);
        settings.extend(quote_spanned!(site=> , #method(#argument)));
    };
    match options.ttl.get() {
        Some(Ttl::Fixed(fixed)) => set("ttl", lifetime(*fixed, private)),
        Some(Ttl::Expr(expr)) => set("computed_ttl", steps::as_text(expr)),
        Some(Ttl::ByValue(closure)) => set("computed_ttl", steps::as_text(closure)),
        None => {}
    }
    match options.local.get() {
        Some(Tiered::Lifetime(local)) => set("local_ttl", lifetime(*local, private)),
        Some(Tiered::Off) => set("local_off", quote!()),
        None => {}
    }
    if options.remote_off.get().is_some() {
        set("remote_off", quote!());
    }
    match options.none.get() {
        Some(Tiered::Lifetime(none)) => set("none_ttl", lifetime(*none, private)),
        Some(Tiered::Off) => set("none_off", quote!()),
        None => {}
    }
    if let Some(window) = options.stale_while_revalidate.get() {
        set("stale_while_revalidate", lifetime(*window, private));
    }
    if let Some(window) = options.stale_if_error.get() {
        set("stale_if_error", lifetime(*window, private));
    }
    if options.early_refresh.get().is_some() {
        set("early_refresh", quote!());
    }
    if options.batch.get().is_some() {
        set("batch", quote!());
    }
    if let Some(millis) = options.timeout.get() {
        let millis = proc_macro2::Literal::u64_unsuffixed(*millis);
        set("timeout", quote!(#millis));
    }
    if let Some(cache) = options.cache.get() {
        set("cache", steps::as_text(cache));
    }
    if let Some(version) = options.version.get() {
        let version = proc_macro2::Literal::u32_unsuffixed(*version);
        set("version", quote!(#version));
    }
    if !read.tags.is_empty() {
        let templates = read.tags.iter().filter_map(|tag| tag.literal.as_ref());
        set("tags", quote_spanned!(site=> &[#(#templates),*]));
    }
    settings
}

fn lifetime(lifetime: Lifetime, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    match lifetime {
        Lifetime::Tier(constant) => {
            let constant = word(constant);
            quote_spanned!(site=> #private::Ttl::#constant)
        }
        Lifetime::Millis(millis) => {
            let millis = proc_macro2::Literal::u64_unsuffixed(millis);
            quote_spanned!(site=> #private::Ttl::millis(#millis))
        }
    }
}

/// What is computed at each call.
pub(super) fn calls(read: &Read, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let options = &read.options;
    let mut calls = TokenStream::new();
    match options.ttl.get() {
        Some(Ttl::Expr(expr)) => calls.extend(quote_spanned!(expr.span()=> .ttl(#expr))),
        Some(Ttl::ByValue(closure)) => {
            calls.extend(quote_spanned!(closure.span()=> .ttl_with(#closure)));
        }
        Some(Ttl::Fixed(_)) | None => {}
    }
    if let Some(span) = options.none.span() {
        calls.extend(quote_spanned!(span=> .none_if(::core::option::Option::is_none)));
    }
    if let Some(condition) = options.cache_if.get() {
        calls.extend(quote_spanned!(condition.span()=> .cache_if(#condition)));
    }
    if let Some(codec) = options.codec.get() {
        calls.extend(quote_spanned!(codec.span()=> .codec(#codec)));
    }
    if let Some(span) = options.stale_if_error.span() {
        calls.extend(quote_spanned!(span.resolved_at(site)=> .can_fail()));
    }
    if let Some(condition) = options.stale_if.get() {
        calls.extend(quote_spanned!(condition.span()=> .stale_if(#condition)));
    }
    calls.extend(timeout(read));
    calls.extend(refresh::call(read, private));
    calls.extend(tags(read, private));
    calls
}

/// The entry's tags; of a batch, those of one entry.
fn tags(read: &Read, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let mut calls = TokenStream::new();
    let name = read.function.name();
    let (k, value, early) = (local("k"), local("value"), local("early"));
    let id: Vec<TokenStream> = read.batch.iter().map(Batch::parameter).collect();
    for tag in &read.tags {
        if !tag.names_return() {
            let chain = steps::chain(tag, &name);
            calls.extend(quote_spanned!(site=> .tag(|#(#id,)* #k| { #k #chain; })));
            continue;
        }
        let AfterReturn { before, chain } = steps::after_return(tag, &name, private, 0);
        if let Some(deepest) = tag.deepest() {
            let tags = local("tags");
            let key = steps::rendered(private, "Key", &chain);
            let all = steps::for_each(deepest, quote_spanned!(site=> #tags.push(#key);));
            calls.extend(quote_spanned!(site=> .return_tags(|#(#id),*| [#(#before),*], |#early, #value, #tags| { #all })));
            continue;
        }
        calls.extend(if before.is_empty() {
            quote_spanned!(site=> .return_tag(|#value, #k| { #k #chain; }))
        } else {
            quote_spanned! {site=>
                .return_tag_with(|#(#id),*| [#(#before),*], |#early, #value, #k| { #k #chain; })
            }
        });
    }
    calls
}

/// What makes the error of a load that takes too long.
fn timeout(read: &Read) -> Option<TokenStream> {
    let span = read.options.timeout.span()?.resolved_at(Span::mixed_site());
    Some(match read.options.timeout_error.get() {
        None => quote_spanned!(span=> .timeout()),
        Some(Expr::Closure(closure)) => quote_spanned!(span=> .timeout_error(#closure)),
        Some(error) => quote_spanned!(span=> .timeout_error(|_| #error)),
    })
}
