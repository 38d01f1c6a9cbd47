//! From tokens to tokens, for each macro: parse, model, check, expand. On an error the item stays, with a
//! stand-in for the companion.

use crate::ctxt::Ctxt;
use crate::expand::{self, Private};
use crate::function::{Function, ends_in};
use crate::item::FnItem;
use crate::key_part::{self, KeyPart};
use crate::options::{self, CachedOptions, InvalidatesOptions};
use crate::read::Read;
use crate::template::{self, Purpose};
use crate::write::Write;
use crate::{check, impl_block, resolve};
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Token};

pub(crate) fn cached(args: TokenStream, item: TokenStream) -> TokenStream {
    if impl_block::is_impl(&item) {
        return impl_block::expand(args, item);
    }
    let function = match syn::parse2::<FnItem>(item.clone()) {
        Ok(item) => Function::new(item),
        Err(error) => return beside(&error, &item),
    };
    let ctxt = Ctxt::new();
    let options = CachedOptions::parse(args, &ctxt);
    let read = Read::new(function, options, &ctxt);
    check::read(&read, &ctxt);
    let private = Private::new(read.options.krate.get());
    match (ctxt.finish(), &read.key) {
        (Ok(()), Some(key)) => expand::read(&read, key, &private),
        (Ok(()), None) => item,
        (Err(errors), _) => {
            let stand_in = stand_in(&read, &private);
            quote!(#errors #item #stand_in)
        }
    }
}

/// The stand-in for a companion, where one would stand and no second `#[cached]` makes another.
fn stand_in(read: &Read, private: &Private) -> Option<TokenStream> {
    let item = &read.function.item;
    let again = item.attrs.iter().any(|attr| ends_in(attr.path(), "cached"));
    let outer = syn::Generics::default();
    let place = expand::Place { vis: &item.vis, outer: &outer };
    (expand::stands_beside(read) && !again).then(|| expand::stand_in(read, private, &place))
}

pub(crate) fn invalidates(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match syn::parse2::<FnItem>(item.clone()) {
        Ok(item) => Function::new(item),
        Err(error) => return beside(&error, &item),
    };
    let ctxt = Ctxt::new();
    let options = InvalidatesOptions::parse(args, &ctxt);
    let write = Write::new(function, options, &ctxt);
    check::write(&write, &ctxt);
    match ctxt.finish() {
        Ok(()) => expand::write(&write, &Private::new(write.options.krate.get())),
        Err(errors) => quote!(#errors #item),
    }
}

/// `key!("course:<id>")`, or `key!(crate = PATH; "..")`.
pub(crate) fn key(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let krate = if input.peek(Token![crate]) && input.peek2(Token![=]) {
            let path = options::crate_path(input)?;
            input.parse::<Token![;]>()?;
            Some(path)
        } else {
            None
        };
        let literal: LitStr = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "`key!` takes text with placeholders, such as `key!(\"course:<id>\")`",
            )
        })?;
        input.parse::<Option<Token![,]>>()?;
        Ok((krate, literal))
    };
    let (krate, literal) = match parser.parse2(input) {
        Ok(parsed) => parsed,
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let template = template::parse(&literal, Purpose::KeyOrPattern, &ctxt);
    let rendering = template.as_ref().and_then(resolve::in_scope);
    if let Err(errors) = ctxt.finish() {
        return errors;
    }
    let (Some(template), Some(rendering)) = (template, rendering) else {
        return TokenStream::new();
    };
    expand::key(&rendering, template.has_wildcard(), &Private::new(krate.as_ref()))
}

/// `#[derive(KeyPart)]`
pub(crate) fn key_part(item: TokenStream) -> TokenStream {
    let input = match syn::parse2::<syn::DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let part = KeyPart::parse(input, &ctxt);
    if let Some(part) = &part {
        key_part::check(part, &ctxt);
    }
    match (ctxt.finish(), part) {
        (Ok(()), Some(part)) => expand::key_part(&part, &Private::new(part.krate.as_ref())),
        (Ok(()), None) => TokenStream::new(),
        (Err(errors), _) => errors,
    }
}

/// The error, and the item as it was.
fn beside(error: &syn::Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}
