//! Emits the question whether an argument is a transaction, where that would be a mistake. Types answer it, so that aliases are
//! seen through; a transaction that is taken by value is the function's own, which may commit it.

use super::{Private, word};
use crate::function::{Argument, Function};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Type, TypeReference};

/// What it would be to use a transaction.
pub(super) enum Mistake {
    /// To cache what was read in one.
    Cached,
    /// To invalidate before it has committed.
    InvalidatedEarly,
}

/// A question for each argument behind `&mut`; nothing where there is none.
pub(super) fn refuse(mistake: &Mistake, function: &Function, private: &Private) -> TokenStream {
    let check = word(match mistake {
        Mistake::Cached => "cached_of",
        Mistake::InvalidatedEarly => "invalidated_of",
    });
    let ask = |argument: &Argument| match (&argument.names[..], &argument.ty) {
        ([name], Type::Reference(TypeReference { mutability: Some(_), .. })) => {
            let here = name.span().resolved_at(Span::mixed_site());
            Some(
                quote_spanned! {here=> #private::#check((&#private::Argument(&#name)).via_kind()); },
            )
        }
        _ => None,
    };
    let questions: Vec<TokenStream> = function.args.iter().filter_map(ask).collect();
    if questions.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(Span::mixed_site()=> { use #private::via::*; #(#questions)* })
}
