//! Rules that keep one caller's value from being served to another: every argument is in the key, or skipped
//! on purpose.

use crate::ctxt::Ctxt;
use crate::function::{self, Argument};
use crate::read::Read;
use crate::rendering::Rendering;
use crate::suggest;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Expr, FnArg, Ident, Type};

/// An argument outside of the key makes callers with different values share one entry.
pub(super) fn check_arguments_in_key(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    for name in read.function.names() {
        if key.names_variable(name) || read.is_skipped(name) {
            continue;
        }
        ctxt.error_at(name.span(), not_in_key("argument", name));
    }
}

/// The key is the same in every build, so what it names is there in every build.
pub(super) fn check_arguments_are_there(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    let typed = read.function.item.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (arg, typed) in read.function.args.iter().zip(typed).filter(|(arg, _)| in_key(arg, key)) {
        for attr in typed.attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            let name = arg.names.first().map(|name| name.unraw().to_string()).unwrap_or_default();
            ctxt.error_over(
                attr,
                format!(
                    "`{name}` is in the key, which cannot leave it out: write two functions, each with a `#[cfg(..)]` of \
                     its own"
                ),
            );
        }
    }
}

/// So does a type or const parameter of which nothing in the key tells. Values never tell their type: 7 renders alike as a
/// `u8`, as a newtype's and as text, and so does what is empty.
pub(super) fn check_parameters_in_key(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    let types = read.function.key_types().map(|name| ("type parameter", name));
    let consts = read.function.key_consts().map(|name| ("const parameter", name));
    for (noun, name) in types.chain(consts) {
        if key.names_parameter(name) || read.is_skipped(name) {
            continue;
        }
        let args = || read.function.args.iter().filter(|arg| in_key(arg, key));
        let mut whole = args().filter(|arg| arg.plain_name().is_some_and(|it| key.names_whole(it)));
        if !whole.any(|arg| is_as_long_as(&arg.ty, name)) {
            let holder = args().find(|arg| mentions(&arg.ty, name));
            let holder = holder.and_then(|arg| arg.names.iter().find(|it| key.names_variable(it)));
            // One of the block says nothing of the method: shown where the key is.
            let is_outer = read.function.outer.iter().any(|param| param.name == *name);
            let literal = key.literal.as_ref().filter(|_| is_outer);
            let span = literal.map_or(name.span(), |literal| literal.span());
            ctxt.error_at(span, parameter_not_in_key(noun, name, holder));
        }
    }
}

fn in_key(arg: &Argument, key: &Rendering) -> bool {
    arg.names.iter().any(|name| key.names_variable(name))
}

fn mentions(ty: &Type, parameter: &Ident) -> bool {
    function::mentions(&ty.to_token_stream(), &parameter.unraw().to_string())
}

/// Whether a value of the type renders as many values as the const parameter says.
fn is_as_long_as(ty: &Type, parameter: &Ident) -> bool {
    match ty {
        Type::Reference(reference) => is_as_long_as(&reference.elem, parameter),
        Type::Paren(paren) => is_as_long_as(&paren.elem, parameter),
        Type::Group(group) => is_as_long_as(&group.elem, parameter),
        Type::Array(array) => is_length(&array.len, parameter),
        _ => false,
    }
}

fn is_length(len: &Expr, parameter: &Ident) -> bool {
    matches!(len, Expr::Path(path) if path.path.is_ident(parameter))
}

fn not_in_key(noun: &str, name: &Ident) -> String {
    let name = name.unraw();
    format!(
        "{noun} `{name}` is not in the key, so callers with different `{name}` would share one entry; \
         add `<{name}>` to the key, or `skip({name})` if the result does not depend on it"
    )
}

/// The same, where an argument in the key looks as if it told the parameter.
fn parameter_not_in_key(noun: &str, name: &Ident, holder: Option<&Ident>) -> String {
    let Some(argument) = holder else { return not_in_key(noun, name) };
    let (name, argument) = (name.unraw(), argument.unraw());
    format!(
        "{noun} `{name}` is not in the key: `{argument}` renders its value, which may be the same for different \
         `{name}`; add `<{name}>` to the key, or `skip({name})` if the result does not depend on it"
    )
}

/// A mistyped name would skip nothing, and hide that.
pub(super) fn check_skip_names_arguments(read: &Read, ctxt: &Ctxt) {
    let function = &read.function;
    let known: Vec<String> = function
        .names()
        .chain(function.key_types())
        .chain(function.key_consts())
        .map(ToString::to_string)
        .collect();
    for (at, name) in read.skipped().iter().enumerate() {
        let written = name.to_string();
        if written == "self" {
            ctxt.error_at(
                name.span(),
                "`self` is in no key unless it is named: remove it from `skip`",
            );
        } else if !known.contains(&written) {
            let hint = suggest::did_you_mean(&written, known.iter().map(String::as_str));
            ctxt.error_at(name.span(), format!("`skip({written})` names no argument{hint}"));
        } else if read.skipped()[..at].contains(name) {
            ctxt.error_at(name.span(), format!("`{written}` is skipped twice: keep one"));
        }
    }
}

/// One of the two is not meant.
pub(super) fn check_skip_not_in_key(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    for name in read.skipped() {
        if key.names_variable(name) || key.names_parameter(name) {
            ctxt.error_at(
                name.span(),
                format!("`{name}` is skipped and in the key: remove it from one of them"),
            );
        }
    }
}
