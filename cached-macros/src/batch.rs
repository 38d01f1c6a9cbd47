//! The argument of `batch = ids`: many ids, of which the body gets those that are missing. It looks at syntax; that the
//! returned map is one from such ids is decided by types.

use crate::function::{Argument, Function};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, Ident, Pat, PathArguments, Type};

/// The ids of a batch.
pub(crate) struct Batch {
    /// The argument's name: in key and tags it stands for one id.
    pub(crate) name: Ident,
    /// The same as a pattern, which may be `mut`.
    pub(crate) pat: Pat,
    /// The type of one.
    pub(crate) id: Type,
    pub(crate) how: How,
}

/// How the function takes its ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum How {
    /// `&[Id]`
    Slice,
    /// `Vec<Id>`
    Vec,
}

impl Batch {
    /// The batch of an argument, if it has such a type.
    pub(crate) fn of(function: &Function, name: &Ident) -> Option<Self> {
        let argument = argument(function, name)?;
        let (name, (how, id)) = (argument.plain_name()?, ids(&argument.ty)?);
        Some(Self { name: name.clone(), pat: argument.pat.clone(), id: id.clone(), how })
    }

    /// `ids: &Id`, in a closure over one id.
    pub(crate) fn parameter(&self) -> TokenStream {
        let Self { name, id, .. } = self;
        // A tag need not name it.
        quote!(#[allow(unused_variables)] #name: &#id)
    }
}

/// The argument of a name that is not a part of a pattern.
pub(crate) fn argument<'a>(function: &'a Function, name: &Ident) -> Option<&'a Argument> {
    function.args.iter().find(|arg| arg.plain_name() == Some(name))
}

fn ids(ty: &Type) -> Option<(How, &Type)> {
    match ty {
        Type::Paren(paren) => ids(&paren.elem),
        Type::Group(group) => ids(&group.elem),
        Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            Type::Slice(slice) => Some((How::Slice, &slice.elem)),
            _ => None,
        },
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| last.ident == "Vec")?;
            let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
            match args.args.first() {
                Some(GenericArgument::Type(id)) => Some((How::Vec, id)),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn slices_and_vectors_hold_ids() {
        for (ty, how) in [
            (parse_quote!(&[u32]), Some(How::Slice)),
            (parse_quote!(&'a [u32]), Some(How::Slice)),
            (parse_quote!(std::vec::Vec<u32>), Some(How::Vec)),
            (parse_quote!(&Vec<u32>), None),
            (parse_quote!(&mut [u32]), None),
            (parse_quote!(u32), None),
        ] {
            let ty: Type = ty;
            assert_eq!(ids(&ty).map(|(how, _)| how), how);
        }
    }
}
