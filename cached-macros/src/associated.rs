//! Associated types in the signature of a method of a trait impl: beside it, in an inherent impl, `Self::Id` is found only as
//! `<Self as Trait>::Id`.

use crate::ctxt::Ctxt;
use crate::read::Read;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Path, QSelf, Signature, Token, Type, TypePath};

/// The associated types of a block, by its items; `None` if a macro may make some.
pub(crate) fn names(items: &[TokenStream]) -> Option<Vec<Ident>> {
    let mut names = Vec::new();
    for item in items {
        let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        for pair in tokens.windows(2) {
            match pair {
                [TokenTree::Ident(word), TokenTree::Ident(name)] if word == "type" => {
                    names.push(name.clone());
                }
                [TokenTree::Ident(_), TokenTree::Punct(mark)] if mark.as_char() == '!' => {
                    return None;
                }
                _ => {}
            }
        }
    }
    Some(names)
}

/// Turns `Self::Id` into `<Self as Trait>::Id`, if it is one of the trait's own.
pub(crate) fn qualify(signature: &mut Signature, of: &Path, own: Option<&[Ident]>) {
    Qualify { of, own }.visit_signature_mut(signature);
}

/// One of a trait above is found in the method, and not beside it. Reported in the arguments that the companion takes, which
/// then take anything.
pub(crate) fn check(read: &mut Read, own: Option<&[Ident]>, ctxt: &Ctxt) {
    let skipped = read.skipped().to_vec();
    for arg in &mut read.function.args {
        if arg.names.iter().any(|name| !skipped.contains(name)) {
            Above { own, ctxt }.visit_type_mut(&mut arg.ty);
        }
    }
}

/// The `Id` of `Self::Id`.
fn associated(ty: &TypePath) -> Option<&Ident> {
    let segments = &ty.path.segments;
    let is_one = ty.qself.is_none() && segments.len() == 2 && segments[0].ident == "Self";
    is_one.then(|| &segments[1].ident)
}

fn is_own(name: &Ident, own: Option<&[Ident]>) -> bool {
    own.is_none_or(|own| own.contains(name))
}

struct Qualify<'a> {
    of: &'a Path,
    own: Option<&'a [Ident]>,
}

impl VisitMut for Qualify<'_> {
    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, ty);
        if !associated(ty).is_some_and(|name| is_own(name, self.own)) {
            return;
        }
        let segments = &ty.path.segments;
        let self_ident = &segments[0].ident;
        let self_ty: Type = syn::parse_quote!(#self_ident);
        let mut path = self.of.clone();
        let position = path.segments.len();
        path.segments.push(segments[1].clone());
        ty.qself = Some(QSelf {
            lt_token: Token![<](Span::mixed_site()),
            ty: Box::new(self_ty),
            position,
            as_token: Some(Token![as](Span::mixed_site())),
            gt_token: Token![>](Span::mixed_site()),
        });
        ty.path = path;
    }
}

struct Above<'a> {
    own: Option<&'a [Ident]>,
    ctxt: &'a Ctxt,
}

impl VisitMut for Above<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && let Some(name) = associated(path).filter(|name| !is_own(name, self.own))
        {
            let message = format!(
                "`Self::{name}` is of another trait than this block's, so what `#[invalidates]` calls does not find it: name \
                 that trait, `<Self as Trait>::{name}`"
            );
            self.ctxt.error_over(path.to_token_stream(), message);
            *ty = syn::parse_quote!(impl ::core::marker::Sized);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
