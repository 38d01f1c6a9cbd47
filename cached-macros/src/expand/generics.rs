//! Which generic parameters a companion keeps: those that its arguments or the key need. Others could not be
//! inferred by its callers.

use crate::function::mentions;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{GenericParam, Generics, Ident, WherePredicate};

/// The parameters that `used` mentions or `also` wants, with everything that their bounds mention.
pub(crate) fn retained(
    generics: &Generics,
    used: &TokenStream,
    also: impl Fn(&Ident) -> bool,
) -> Generics {
    let mut kept: Vec<bool> = generics
        .params
        .iter()
        .map(|param| match param {
            // An unused lifetime is inferred.
            GenericParam::Lifetime(_) => true,
            GenericParam::Type(param) => names(used, &param.ident) || also(&param.ident),
            GenericParam::Const(param) => names(used, &param.ident) || also(&param.ident),
        })
        .collect();
    // Bounds of what is kept may name further parameters.
    loop {
        let kept_tokens: TokenStream =
            pairs(generics, &kept).map(|(param, _)| param.to_token_stream()).collect();
        let more: Vec<bool> = generics
            .params
            .iter()
            .zip(&kept)
            .map(|(param, kept)| *kept || ident(param).is_some_and(|it| names(&kept_tokens, it)))
            .collect();
        if more == kept {
            break;
        }
        kept = more;
    }
    let mut retained = generics.clone();
    retained.params = pairs(generics, &kept).map(|(param, _)| param.clone()).collect();
    if retained.params.is_empty() {
        retained.lt_token = None;
        retained.gt_token = None;
    }
    retain_predicates(&mut retained, generics, &kept);
    retained
}

/// What [`retained`] leaves out: parameters that `used` has no need of, and the predicates about them.
pub(crate) fn dropped(generics: &Generics, used: &TokenStream) -> Generics {
    let retained = retained(generics, used, |_| false);
    let kept = |param: &GenericParam| {
        ident(param).is_none_or(|it| retained.params.iter().any(|other| ident(other) == Some(it)))
    };
    let mut dropped = generics.clone();
    dropped.params = generics.params.iter().filter(|param| !kept(param)).cloned().collect();
    if let (Some(clause), Some(retained)) = (&mut dropped.where_clause, &retained.where_clause) {
        let predicates = std::mem::take(&mut clause.predicates).into_iter();
        let others = predicates.filter(|it| !retained.predicates.iter().any(|kept| kept == it));
        clause.predicates = others.collect();
    }
    dropped
}

/// Drops the predicates about parameters that are gone.
fn retain_predicates(retained: &mut Generics, generics: &Generics, kept: &[bool]) {
    let dropped: Vec<&Ident> = generics
        .params
        .iter()
        .zip(kept)
        .filter(|(_, kept)| !**kept)
        .filter_map(|(param, _)| ident(param))
        .collect();
    let Some(clause) = &mut retained.where_clause else { return };
    let predicates: Punctuated<WherePredicate, _> = clause
        .predicates
        .iter()
        .filter(|predicate| {
            let tokens = predicate.to_token_stream();
            !dropped.iter().any(|ident| names(&tokens, ident))
        })
        .cloned()
        .collect();
    clause.predicates = predicates;
}

fn pairs<'a>(
    generics: &'a Generics,
    kept: &'a [bool],
) -> impl Iterator<Item = (&'a GenericParam, &'a bool)> {
    generics.params.iter().zip(kept).filter(|(_, kept)| **kept)
}

fn ident(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
    }
}

fn names(tokens: &TokenStream, ident: &Ident) -> bool {
    mentions(tokens, &ident.unraw().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;
    use syn::parse_quote;

    #[test]
    fn what_nothing_needs_is_dropped_with_its_bounds() {
        let generics: syn::ItemFn = parse_quote! {
            fn f<'a, T: Into<U>, U, E, const N: usize>() where E: Executor<'a>, T: Clone {}
        };
        let kept = retained(&generics.sig.generics, &quote!(id: &T), |_| false);
        let (params, _, clause) = kept.split_for_impl();
        assert_eq!(
            quote!(#params #clause).to_string(),
            quote!(<'a, T: Into<U>, U> where T: Clone).to_string()
        );
    }
}
