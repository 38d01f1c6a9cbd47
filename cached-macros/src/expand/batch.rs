//! The expansion of a `#[cached]` function with `batch = ids`: render a key for each id, build a `Batch`, call `load` with
//! a body that takes the ids that are missing.

use super::settings::{at_type, cache, calls, site};
use super::{Private, body, local, steps};
use crate::batch::{Batch, How};
use crate::read::Read;
use crate::rendering::Rendering;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

pub(super) fn content(
    read: &Read,
    batch: &Batch,
    key: &Rendering,
    private: &Private,
) -> TokenStream {
    let output = &read.function.output;
    let here = at_type(output);
    let (k, site_local, batch_local) = (local("k"), local("site"), local("batch"));
    let Batch { name: ids, pat, id, how } = batch;
    let parameter = batch.parameter();
    let chain = steps::chain(key, &read.function.name());
    let keys = quote_spanned!(Span::mixed_site()=> |#parameter, #k| { #k #chain; });
    let is_mutable = matches!(pat, syn::Pat::Ident(syn::PatIdent { mutability: Some(_), .. }));
    // Taken so, `mut` is of use in the signature too.
    let taken = match is_mutable {
        true => quote!(::core::mem::take(&mut #ids)),
        false => quote!(#ids),
    };
    let all = quote!(::std::vec::Vec::<#id>::from(#taken));
    let (before, start) = match cache(read, private) {
        None => (quote!(), quote_spanned!(here=> .via_batch(#site_local, #all, #keys))),
        Some((before, cache)) => {
            (before, quote_spanned!(here=> .via_batch_in(#cache, #site_local, #all, #keys)))
        }
    };
    let calls = calls(read, private);
    let site = site(read, key, private);
    let missing = local("missing");
    let anew = match how {
        How::Slice => quote_spanned!(Span::mixed_site()=> let #pat = &#missing[..];),
        How::Vec => quote_spanned!(Span::mixed_site()=> let #pat = #missing;),
    };
    let future = body::future_with(&read.function, private, &anew);
    quote_spanned! {Span::mixed_site()=>
        #before
        let #batch_local = {
            use #private::via::*;
            let #site_local = #site;
            (&&#private::Shape::<#output>::NEW) #start #calls
        };
        #private::Batch::load(#batch_local, move |#missing: ::std::vec::Vec<#id>| #future).await
    }
}
