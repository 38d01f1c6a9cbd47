//! Rules that keep one caller's value from being served to another: every argument is in the key, or skipped
//! on purpose.

use crate::ctxt::Ctxt;
use crate::function::{self, Argument};
use crate::read::Read;
use crate::rendering::Rendering;
use crate::suggest;
use quote::ToTokens as _;
use syn::Ident;
use syn::ext::IdentExt as _;

/// An argument outside of the key makes callers with different values share one entry.
pub(super) fn check_arguments_in_key(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    for name in read.function.names() {
        if key.names_variable(name) || read.is_skipped(name) {
            continue;
        }
        ctxt.error_at(name.span(), not_in_key("argument", name));
    }
}

/// So does a type or const parameter that no argument in the key depends on.
pub(super) fn check_parameters_in_key(read: &Read, key: &Rendering, ctxt: &Ctxt) {
    let types = read.function.type_params().map(|name| ("type parameter", name));
    let consts = read.function.const_params().map(|name| ("const parameter", name));
    for (noun, name) in types.chain(consts) {
        let implied = read.function.args.iter().any(|arg| {
            in_key(arg, key)
                && function::mentions(&arg.ty.to_token_stream(), &name.unraw().to_string())
        });
        if !(implied || key.names_parameter(name) || read.is_skipped(name)) {
            ctxt.error_at(name.span(), not_in_key(noun, name));
        }
    }
}

fn in_key(arg: &Argument, key: &Rendering) -> bool {
    arg.names.iter().any(|name| key.names_variable(name))
}

fn not_in_key(noun: &str, name: &Ident) -> String {
    let name = name.unraw();
    format!(
        "{noun} `{name}` is not in the key, so callers with different `{name}` would share one entry; \
         add `<{name}>` to the key, or `skip({name})` if the result does not depend on it"
    )
}

/// A mistyped name would skip nothing, and hide that.
pub(super) fn check_skip_names_arguments(read: &Read, ctxt: &Ctxt) {
    let function = &read.function;
    let known: Vec<String> = function
        .names()
        .chain(function.type_params())
        .chain(function.const_params())
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
