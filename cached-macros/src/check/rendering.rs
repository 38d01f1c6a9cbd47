//! Rules about what has a stable rendering, as far as syntax shows; `KeyPart` decides the rest.

use super::containers;
use crate::ctxt::Ctxt;
use crate::function::{Argument, Function};
use crate::rendering::{Part, Rendering, Root};
use syn::{Type, TypeParamBound};

/// Equal arguments must give equal text, in every process.
pub(super) fn check_stable<'a>(
    function: &Function,
    renderings: impl Iterator<Item = &'a Rendering>,
    ctxt: &Ctxt,
) {
    let renderings: Vec<&Rendering> = renderings.collect();
    for arg in &function.args {
        let parts = || {
            let parts = renderings.iter().flat_map(|rendering| rendering.parts());
            parts.filter(|part| names(part, arg))
        };
        if parts().next().is_none() {
            continue;
        }
        if let Type::Reference(reference) = &arg.ty
            && reference.mutability.is_some()
        {
            ctxt.error_over(
                reference,
                "a `&mut` argument cannot stand in a key: it is there to be changed; take `&`, or leave it out with \
                 `skip(..)`",
            );
        }
        // A field path names another type, which is not to be seen here.
        if arg.plain_name().is_some() && parts().any(|part| part.fields.is_empty()) {
            check_type(&arg.ty, ctxt);
        }
    }
}

fn names(part: &Part, arg: &Argument) -> bool {
    matches!(&part.root, Root::Variable(name) if arg.names.contains(name))
}

/// Looks through references and the usual containers; other types' parameters may mean anything.
fn check_type(ty: &Type, ctxt: &Ctxt) {
    match ty {
        Type::Reference(reference) => check_type(&reference.elem, ctxt),
        Type::Paren(paren) => check_type(&paren.elem, ctxt),
        Type::Group(group) => check_type(&group.elem, ctxt),
        Type::Array(array) => check_type(&array.elem, ctxt),
        Type::Slice(slice) => check_type(&slice.elem, ctxt),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| check_type(ty, ctxt)),
        Type::FnPtr(pointer) => ctxt.error_over(pointer, unstable("a function pointer")),
        Type::Ptr(pointer) => ctxt.error_over(pointer, unstable("a raw pointer")),
        Type::ImplTrait(ty) if is_closure(ty.bounds.iter()) => {
            ctxt.error_over(ty, unstable("a closure"));
        }
        Type::TraitObject(ty) if is_closure(ty.bounds.iter()) => {
            ctxt.error_over(ty, unstable("a closure"));
        }
        Type::Path(path) => check_path(path, ctxt),
        _ => {}
    }
}

fn check_path(path: &syn::TypePath, ctxt: &Ctxt) {
    let Some(last) = path.path.segments.last() else { return };
    let name = last.ident.to_string();
    match name.as_str() {
        "f32" | "f64" => ctxt.error_over(
            path,
            format!(
                "`{name}` has no stable rendering (`0.1 + 0.2` is not `0.3`, and NaN equals nothing): take an integer \
                 (cents, an index) or text, or leave it out with `skip(..)`"
            ),
        ),
        _ => containers::content(&path.path).for_each(|ty| check_type(ty, ctxt)),
    }
}

fn is_closure<'a>(mut bounds: impl Iterator<Item = &'a TypeParamBound>) -> bool {
    bounds.any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| {
            matches!(
                last.ident.to_string().as_str(),
                "Fn" | "FnMut" | "FnOnce" | "AsyncFn" | "AsyncFnMut" | "AsyncFnOnce"
            )
        }),
        _ => false,
    })
}

fn unstable(what: &str) -> String {
    format!(
        "{what} has no value that means the same in another process: leave it out with `skip(..)`"
    )
}
