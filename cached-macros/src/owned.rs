//! How a background task owns what a call of the function takes: by clones, of what references point to as well. It
//! looks at syntax; that a type can be cloned and sent is decided by traits, at the type.

use crate::function::{Argument, Function};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    GenericArgument, Ident, Lifetime, Pat, PatIdent, PathArguments, Receiver, ReceiverKind, Type,
    TypeReference,
};

/// An argument, or the receiver, that a task can own.
pub(crate) struct Owned {
    pub(crate) name: Ident,
    pub(crate) how: How,
    /// Where an error about its type belongs.
    pub(crate) span: Span,
}

/// What a task keeps, and how it hands that on.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum How {
    /// A clone of a value.
    Value(Type),
    /// For `&T` the owned form of `T`, lent.
    Lent(Type),
    /// For `Option<&T>` the owned form of `T` if there is one, lent.
    LentIfAny(Type),
}

/// An argument that no task can own, and why.
pub(crate) struct Refused {
    /// Where it shows.
    pub(crate) tokens: TokenStream,
    pub(crate) why: String,
}

/// The receiver, if there is one, and all arguments in order; or all that cannot be owned. `option` is what asks for it.
pub(crate) fn arguments(function: &Function, option: &str) -> Result<Vec<Owned>, Vec<Refused>> {
    let receiver = function.receiver().map(|receiver| of_receiver(receiver, option));
    let args = function.args.iter().map(|arg| of_argument(arg, option));
    let (mut owned, mut refused) = (Vec::new(), Vec::new());
    for each in receiver.into_iter().chain(args) {
        match each {
            Ok(each) => owned.push(each),
            Err(each) => refused.push(each),
        }
    }
    if refused.is_empty() { Ok(owned) } else { Err(refused) }
}

fn of_receiver(receiver: &Receiver, option: &str) -> Result<Owned, Refused> {
    // As a token of the expansion, shown where `self` is written.
    let own = Ident::new("Self", Span::call_site().located_at(receiver.self_token.span));
    let own: Type = syn::parse_quote!(#own);
    let how = match &receiver.kind {
        ReceiverKind::Reference(..) => Some(How::Lent(own)),
        ReceiverKind::Typed(_, ty) => how(ty),
        _ => Some(How::Value(own)),
    };
    let span = receiver.self_token.span;
    let name = Ident::new("self", span);
    match how {
        Some(how) => Ok(Owned { name, how, span }),
        None => Err(Refused { tokens: receiver.to_token_stream(), why: borrowed("self", option) }),
    }
}

fn of_argument(arg: &Argument, option: &str) -> Result<Owned, Refused> {
    let name = match &arg.pat {
        Pat::Ident(PatIdent { ident, by_ref: None, subpat: None, .. }) => ident.clone(),
        pat => {
            let why = format!(
                "`{option}` calls the function again in the background, with whole arguments: give this one a name, and \
                 take it apart in the body"
            );
            return Err(Refused { tokens: pat.to_token_stream(), why });
        }
    };
    if let Some(how) = how(&arg.ty) {
        return Ok(Owned { name, how, span: arg.ty.span() });
    }
    let why = if Finder::of(&arg.ty).opaque {
        format!(
            "`{option}` calls the function again in the background, for which the type of `{name}` needs \
             a name: write a type parameter (`fn f<T: ..>({name}: T)`) instead of `impl Trait`"
        )
    } else {
        borrowed(&name.to_string(), option)
    };
    Err(Refused { tokens: arg.ty.to_token_stream(), why })
}

fn borrowed(name: &str, option: &str) -> String {
    format!(
        "`{option}` loads in the background, where `{name}` cannot be borrowed: take it as an owned type \
         (`Arc<..>`), or leave the option out"
    )
}

/// How a type is owned, if it can be.
fn how(ty: &Type) -> Option<How> {
    match ty {
        Type::Paren(paren) => how(&paren.elem),
        Type::Group(group) => how(&group.elem),
        Type::Reference(reference) if !is_static(reference) => lent(reference).map(How::Lent),
        ty => match optional_reference(ty) {
            Some(reference) => lent(reference).map(How::LentIfAny),
            None => is_ownable(ty).then(|| How::Value(ty.clone())),
        },
    }
}

fn lent(reference: &TypeReference) -> Option<Type> {
    let elem = match &*reference.elem {
        Type::Paren(paren) => &paren.elem,
        Type::Group(group) => &group.elem,
        _ => &reference.elem,
    };
    let ownable = reference.mutability.is_none()
        && !matches!(**elem, Type::TraitObject(_))
        && is_ownable(elem);
    ownable.then(|| (**elem).clone())
}

fn is_static(reference: &TypeReference) -> bool {
    reference.mutability.is_none()
        && reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
}

/// The reference in `Option<&T>`.
fn optional_reference(ty: &Type) -> Option<&TypeReference> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    match args.args.first() {
        Some(GenericArgument::Type(Type::Reference(it))) if !is_static(it) => Some(it),
        _ => None,
    }
}

/// Whether a type borrows nothing, as far as it shows, and can be named.
pub(crate) fn is_ownable(ty: &Type) -> bool {
    let found = Finder::of(ty);
    !(found.borrows || found.opaque)
}

#[derive(Default)]
struct Finder {
    borrows: bool,
    opaque: bool,
}

impl Finder {
    fn of(ty: &Type) -> Self {
        let mut finder = Self::default();
        finder.visit_type(ty);
        finder
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.borrows |= !is_static(reference);
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.borrows |= lifetime.ident != "static";
    }

    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.opaque = true;
    }

    // What a function takes by reference is not borrowed by its pointer.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn values_are_cloned_and_references_owned() {
        for ty in [
            parse_quote!(u32),
            parse_quote!(Arc<dyn Source>),
            parse_quote!(&'static str),
            parse_quote!(Option<&'static str>),
            parse_quote!(fn(&str) -> bool),
            parse_quote!(Arc<dyn Fn(&str) -> bool + 'static>),
            parse_quote!(Cow<'static, str>),
        ] {
            assert_eq!(how(&ty), Some(How::Value(ty.clone())));
        }
        assert_eq!(how(&parse_quote!(&'a str)), Some(How::Lent(parse_quote!(str))));
        assert_eq!(
            how(&parse_quote!(&[&'static str])),
            Some(How::Lent(parse_quote!([&'static str])))
        );
        assert_eq!(how(&parse_quote!(Option<&str>)), Some(How::LentIfAny(parse_quote!(str))));
    }

    #[test]
    fn what_borrows_deeper_or_has_no_name_is_refused() {
        for ty in [
            parse_quote!(&mut u32),
            parse_quote!(&'static mut u32),
            parse_quote!(&dyn Source),
            parse_quote!(&[&str]),
            parse_quote!(Cow<'a, str>),
            parse_quote!(Option<&mut u32>),
            parse_quote!(impl Source),
            parse_quote!(&impl Source),
            parse_quote!(Vec<Item<'_>>),
        ] {
            assert_eq!(how(&ty), None);
        }
    }
}
