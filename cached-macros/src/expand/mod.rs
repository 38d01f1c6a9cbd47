//! Turns checked models into code. Nothing here can fail, and nothing here decides: what can be a function in
//! `cached_core::__private` is not generated.
//!
//! Locals have mixed-site spans, so that users can neither name nor shadow them; paths are absolute.

mod batch;
mod body;
mod companion;
mod generics;
mod key;
mod key_part;
mod listed;
mod read;
mod refresh;
mod settings;
mod steps;
mod transaction;
mod write;

pub(crate) use companion::{Place, stand_in, stands_beside};
pub(crate) use generics::divided;
pub(crate) use key::key;
pub(crate) use key_part::key_part;
pub(crate) use read::{beside, read};
pub(crate) use write::write;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Ident, Path};

/// The path of `cached_core::__private`.
#[derive(Clone)]
pub(crate) struct Private(TokenStream);

impl Private {
    pub(crate) fn new(krate: Option<&Path>) -> Self {
        let site = Span::mixed_site();
        Self(match krate {
            Some(path) => quote_spanned!(site=> #path::__private),
            None => quote_spanned!(site=> ::cached_core::__private),
        })
    }
}

impl quote::ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.clone());
    }
}

/// A local variable of ours. Hygiene keeps it apart from the user's variables, and the underscores from constants and
/// statics, which hygiene does not reach.
fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// The name of something of the runtime's: a method, a type, a constant.
fn word(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
