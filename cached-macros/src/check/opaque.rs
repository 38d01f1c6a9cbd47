//! The rule about types without a name in the key: `impl Trait` is a type parameter that no key can name, and behind `dyn
//! Trait` the value alone is rendered.

use super::containers;
use super::rendering::is_closure;
use crate::ctxt::Ctxt;
use crate::function::bound_names;
use crate::read::Read;
use crate::rendering::Rendering;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::visit::Visit;
use syn::{Ident, Pat, Type, TypeImplTrait};

/// Values never tell their type, so callers with different ones would share an entry.
pub(super) fn check_types_have_names(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    for arg in &read.function.args {
        check(&arg.pat, &arg.ty, key, ctxt);
    }
}

fn check(pat: &Pat, ty: &Type, key: &Rendering, ctxt: &Ctxt) {
    if let (Pat::Tuple(pats), Type::Tuple(types)) = (pat, ty)
        && pats.elems.len() == types.elems.len()
    {
        pats.elems.iter().zip(&types.elems).for_each(|(pat, ty)| check(pat, ty, key, ctxt));
        return;
    }
    let bound = bound_names(pat);
    let Some(name) = bound.iter().find(|name| key.names_variable(name)) else { return };
    let whole = matches!(pat, Pat::Ident(_)) && key.names_whole(name);
    let rendered = if whole { containers::rendered(ty) } else { Vec::new() };
    let report = |what: &str, tokens: &dyn ToTokens| {
        ctxt.error_over(tokens.to_token_stream(), unnamed(what, name, key));
    };
    for opaque in Opaque::of(ty) {
        // That a closure has no rendering is another error.
        let is_rendered = rendered
            .iter()
            .any(|ty| matches!(ty, Type::ImplTrait(rendered) if std::ptr::eq(rendered, opaque)));
        if !(is_rendered && is_closure(&opaque.bounds)) {
            report("impl Trait", opaque);
        }
    }
    for ty in rendered {
        // Elsewhere it is part of a type, or of a field like any other.
        if let Type::TraitObject(object) = ty
            && !is_closure(&object.bounds)
        {
            report("dyn Trait", object);
        }
    }
}

fn unnamed(what: &str, name: &Ident, key: &Rendering) -> String {
    let name = name.unraw();
    let then = match key.literal {
        Some(_) => " and add `<T>` to the key, or `skip(T)` if the result does not depend on it",
        None => ", which the key then holds; or `skip(T)` if the result does not depend on it",
    };
    format!(
        "the type behind `{what}` is not in the key: `{name}` renders its value, which may be the same for different \
         types; write a type parameter in its place (`fn f<T: ..>({name}: T)`){then}"
    )
}

/// Every `impl Trait` in a type.
#[derive(Default)]
struct Opaque<'a>(Vec<&'a TypeImplTrait>);

impl<'a> Opaque<'a> {
    fn of(ty: &'a Type) -> Vec<&'a TypeImplTrait> {
        let mut found = Self::default();
        found.visit_type(ty);
        found.0
    }
}

impl<'a> Visit<'a> for Opaque<'a> {
    // What stands in its bounds goes with it.
    fn visit_type_impl_trait(&mut self, ty: &'a TypeImplTrait) {
        self.0.push(ty);
    }
}
