//! Rules about what has a stable rendering, as far as syntax shows; `KeyPart` decides the rest.

use super::containers;
use crate::ctxt::Ctxt;
use crate::function::{Argument, Function};
use crate::rendering::{Part, Rendering, Root};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Token, Type, TypeParamBound};

/// Who renders: a write has no `skip`, and may render what it will change as it was before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Read,
    Write,
}

impl User {
    fn leave_out(self) -> &'static str {
        match self {
            Self::Read => "leave it out with `skip(..)`",
            Self::Write => "leave it out",
        }
    }
}

/// Equal arguments must give equal text, in every process.
pub(super) fn check_stable<'a>(
    function: &Function,
    renderings: impl Iterator<Item = &'a Rendering>,
    user: User,
    ctxt: &Ctxt,
) {
    let renderings: Vec<&Rendering> = renderings.collect();
    let report = Report { user, ctxt };
    for arg in &function.args {
        let parts = || {
            let parts = renderings.iter().flat_map(|rendering| rendering.parts());
            parts.filter(|part| names(part, arg))
        };
        if parts().next().is_none() {
            continue;
        }
        if let (User::Read, Type::Reference(reference)) = (user, &arg.ty)
            && reference.mutability.is_some()
        {
            ctxt.error_over(
                reference,
                "a `&mut` argument cannot stand in a key: it is there to be changed; take `&`, or leave it out with \
                 `skip(..)`",
            );
        }
        // A field path names another type, which is not to be seen here.
        if arg.plain_name().is_some() && parts().any(is_whole) {
            check_type(&arg.ty, &report);
        }
    }
}

fn names(part: &Part, arg: &Argument) -> bool {
    matches!(&part.root, Root::Variable(name) if arg.names.contains(name))
}

/// Where errors go, and for whom they are.
struct Report<'a> {
    user: User,
    ctxt: &'a Ctxt,
}

impl Report<'_> {
    fn unstable(&self, tokens: impl ToTokens, what: &str) {
        let leave_out = self.user.leave_out();
        self.ctxt.error_over(
            tokens,
            format!("{what} has no value that means the same in another process: {leave_out}"),
        );
    }
}

/// The argument itself, or its elements: no field of either.
fn is_whole(part: &Part) -> bool {
    part.fields.is_empty() && part.each.iter().all(Vec::is_empty)
}

/// Looks through references and the usual containers; other types' parameters may mean anything.
fn check_type(ty: &Type, report: &Report<'_>) {
    for ty in containers::rendered(ty) {
        match ty {
            Type::FnPtr(pointer) => report.unstable(pointer, "a function pointer"),
            Type::Ptr(pointer) => report.unstable(pointer, "a raw pointer"),
            Type::ImplTrait(ty) if is_closure(&ty.bounds) => report.unstable(ty, "a closure"),
            Type::TraitObject(ty) if is_closure(&ty.bounds) => report.unstable(ty, "a closure"),
            Type::Path(path) => check_path(path, report),
            _ => {}
        }
    }
}

fn check_path(path: &syn::TypePath, report: &Report<'_>) {
    let Some(last) = path.path.segments.last() else { return };
    let name = last.ident.to_string();
    if matches!(name.as_str(), "f32" | "f64") {
        report.ctxt.error_over(
            path,
            format!(
                "`{name}` has no stable rendering (`0.1 + 0.2` is not `0.3`, and NaN equals nothing): take an integer \
                 (cents, an index) or text, or {}",
                report.user.leave_out()
            ),
        );
    }
}

pub(super) fn is_closure(bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
    bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| {
            matches!(
                last.ident.to_string().as_str(),
                "Fn" | "FnMut" | "FnOnce" | "AsyncFn" | "AsyncFnMut" | "AsyncFnOnce"
            )
        }),
        _ => false,
    })
}
