//! Which generic parameters a companion keeps: those that its arguments or the key need. Others could not be
//! inferred by its callers.

use crate::function::mentions;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, GenericParam, Generics, Ident, PathArguments, TypeParamBound, WherePredicate,
    parse_quote,
};

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

/// The parameters of a block, cut in two: those that an inherent impl of the type `used` has, and those of the trait alone,
/// which no inherent impl can hold, with everything that is said of them.
pub(crate) fn divided(generics: &Generics, used: &TokenStream) -> (Generics, Generics) {
    let mut own: Vec<&Ident> =
        generics.params.iter().filter_map(ident).filter(|it| names(used, it)).collect();
    // `T: Source<Item = U>` says what `U` is, where `Source` takes nothing that is not known.
    while let Some(more) = found_through(generics, &own) {
        own.extend(more);
    }
    let is_own = |param: &GenericParam| ident(param).is_none_or(|it| own.contains(&it));
    let (mut block, mut outer) = (generics.clone(), generics.clone());
    block.params = generics.params.iter().filter(|param| is_own(param)).cloned().collect();
    outer.params = generics.params.iter().filter(|param| !is_own(param)).cloned().collect();
    let others: Vec<&Ident> = outer.params.iter().filter_map(ident).collect();
    let about_others = |tokens: TokenStream| others.iter().any(|it| names(&tokens, it));
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for param in block.params.iter_mut() {
        let GenericParam::Type(param) = param else { continue };
        let bounds = std::mem::take(&mut param.bounds);
        let (apart, kept): (Vec<_>, Vec<_>) =
            bounds.into_iter().partition(|bound| about_others(bound.to_token_stream()));
        param.bounds = kept.into_iter().collect();
        let name = &param.ident;
        predicates.extend((!apart.is_empty()).then(|| parse_quote!(#name: #(#apart)+*)));
    }
    let written = generics.where_clause.iter().flat_map(|clause| &clause.predicates).cloned();
    let (apart, kept): (Vec<_>, Vec<_>) =
        written.partition(|predicate| about_others(predicate.to_token_stream()));
    predicates.extend(apart);
    block.where_clause = None;
    outer.where_clause = None;
    if !kept.is_empty() {
        block.make_where_clause().predicates.extend(kept);
    }
    if !predicates.is_empty() {
        outer.make_where_clause().predicates.extend(predicates);
    }
    (block, outer)
}

/// Parameters that a bound of `known` ones sets an associated type to.
fn found_through<'a>(generics: &'a Generics, known: &[&Ident]) -> Option<Vec<&'a Ident>> {
    let unknown = || generics.params.iter().filter_map(ident).filter(|it| !known.contains(it));
    let of_known = generics.type_params().filter(|param| known.contains(&&param.ident));
    for bound in of_known.flat_map(|param| &param.bounds) {
        let (given, set) = given_and_set(bound);
        let more: Vec<&Ident> = unknown().filter(|it| names(&set, it)).collect();
        if !more.is_empty() && !unknown().any(|it| names(&given, it)) {
            return Some(more);
        }
    }
    None
}

/// What a bound gives a trait, and what it sets the trait's associated types to.
fn given_and_set(bound: &TypeParamBound) -> (TokenStream, TokenStream) {
    let (mut given, mut set) = (TokenStream::new(), TokenStream::new());
    let TypeParamBound::Trait(bound) = bound else { return (given, set) };
    match bound.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(args)) => {
            for arg in &args.args {
                match arg {
                    GenericArgument::AssocType(assoc) => assoc.ty.to_tokens(&mut set),
                    arg => arg.to_tokens(&mut given),
                }
            }
        }
        Some(PathArguments::Parenthesized(args)) => {
            args.inputs.to_tokens(&mut given);
            args.output.to_tokens(&mut set);
        }
        _ => {}
    }
    (given, set)
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
