//! The expansion of `#[cached]`: render the key, build a `Read`, call `load`.

use super::companion::Place;
use super::settings::{at_type, cache, calls, site};
use super::steps;
use super::transaction::{self, Mistake};
use super::{Private, batch, body, companion, local, refresh};
use crate::read::Read;
use crate::rendering::Rendering;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// The function and, unless that stands elsewhere, what belongs beside it.
pub(crate) fn read(read: &Read, key: &Rendering, private: &Private) -> TokenStream {
    let content = content(read, key, private);
    let refuse = transaction::refuse(&Mistake::Cached, &read.function, private);
    let whole = body::function(&read.function, &quote!(#refuse #content));
    if companion::stands_beside(read) {
        let outer = syn::Generics::default();
        let place = Place { vis: &read.function.item.vis, outer: &outer };
        let beside = beside(read, key, private, &place);
        quote!(#whole #beside)
    } else {
        whole
    }
}

/// The companion, and the helper of `stale_while_revalidate`.
pub(crate) fn beside(
    read: &Read,
    key: &Rendering,
    private: &Private,
    place: &Place<'_>,
) -> TokenStream {
    let companion = companion::companion(read, key, private, place);
    let helper = refresh::helper(read, private, place);
    quote!(#companion #helper)
}

fn content(read: &Read, key: &Rendering, private: &Private) -> TokenStream {
    if let Some(batch) = &read.batch {
        return batch::content(read, batch, key, private);
    }
    let name = read.function.name();
    let output = &read.function.output;
    let (buf, site_local, read_local) = (local("key"), local("site"), local("read"));
    // Pinned here: handed on by value, the body would stand several times in the future of the function.
    let body = local("body");
    let site = site(read, key, private);
    let key_chain = steps::chain(key, &name);
    let (cache, start) = start(read, private);
    let calls = calls(read, private);
    // A path, and at the value's type: a value that cannot be cached is then one error and not two.
    let load = quote_spanned!(at_type(output)=> #private::Read::load);
    let future = super::body::future(&read.function, private);
    quote_spanned! {Span::mixed_site()=>
        #cache
        let #read_local = {
            use #private::via::*;
            let mut #buf = #private::KeyBuf::new();
            (&mut #buf) #key_chain;
            let #site_local = #site;
            (&&#private::Shape::<#output>::NEW) #start #calls
        };
        let #body = #future;
        #load(#read_local, ::core::pin::pin!(#body)).await
    }
}

/// `.via_read(site, &key)`, or `.via_read_in(..)` with what must stand before it. That the value can be cached is a bound
/// of theirs, so they have the span of its type.
fn start(read: &Read, private: &Private) -> (TokenStream, TokenStream) {
    let here = at_type(&read.function.output);
    let (buf, site) = (local("key"), local("site"));
    match cache(read, private) {
        None => (quote!(), quote_spanned!(here=> .via_read(#site, &#buf))),
        Some((before, cache)) => {
            (before, quote_spanned!(here=> .via_read_in(#cache, #site, &#buf)))
        }
    }
}
