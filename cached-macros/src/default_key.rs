//! The key of a function that gives none: where it stands, then everything that its result may depend on. What is
//! known of the place when the macro runs is little; the rest is found at run time, in `KeyBuf::origin`.

use crate::function::Function;
use crate::options::{CachedOptions, InTraitImpl};
use crate::rendering::{Part, Rendering, Root, Step};
use crate::resolve::at;
use proc_macro2::Span;
use quote::ToTokens as _;
use syn::Ident;
use syn::spanned::Spanned as _;

pub(crate) fn of(function: &Function, options: &CachedOptions) -> Rendering {
    let skipped = options.skip.get().map(Vec::as_slice).unwrap_or_default();
    let mut steps = match &options.in_trait_impl {
        Some(marker) => in_trait_impl(function, marker, skipped),
        None => vec![Step::Origin(function.name())],
    };
    for ident in function.type_params().filter(|ident| !skipped.contains(ident)) {
        push(&mut steps, Root::Type(ident.clone()), ident.span());
    }
    for ident in function.const_params().filter(|ident| !skipped.contains(ident)) {
        push(&mut steps, Root::Const(ident.clone()), ident.span());
    }
    for arg in &function.args {
        for ident in arg.names.iter().filter(|ident| !skipped.contains(ident)) {
            let span = if arg.plain_name().is_some() { arg.ty.span() } else { ident.span() };
            push(&mut steps, Root::Variable(at(ident, span)), span);
        }
    }
    Rendering { steps, literal: None }
}

/// The companion stands in another block than the function, so both say by themselves which type and trait it is.
fn in_trait_impl(function: &Function, marker: &InTraitImpl, skipped: &[Ident]) -> Vec<Step> {
    let mut steps = vec![Step::Module(function.name())];
    push(&mut steps, Root::Type(Ident::new("Self", Span::call_site())), Span::call_site());
    let name = escaped(&marker.of.to_token_stream().to_string());
    steps.push(Step::Text(format!(":{name}")));
    for parameter in marker.outer.iter().filter(|it| !skipped.contains(&it.name)) {
        let name = parameter.name.clone();
        let span = name.span();
        let root = if parameter.is_const { Root::Const(name) } else { Root::Type(name) };
        push(&mut steps, root, span);
    }
    steps
}

fn push(steps: &mut Vec<Step>, root: Root, span: Span) {
    steps.push(Step::Text(":".to_owned()));
    let (each, fields) = (Vec::new(), Vec::new());
    steps.push(Step::Part(Part { root, each, fields, hashed: false, span }));
}

/// Tokens as text that a key may hold: without spaces, and `%XX` for what has a meaning there.
fn escaped(tokens: &str) -> String {
    let mut text = String::new();
    for c in tokens.chars().filter(|c| !c.is_whitespace()) {
        if c.is_alphanumeric() || c == '_' || c == ':' {
            text.push(c);
        } else {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            text.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_trait_becomes_text_of_a_key() {
        assert_eq!(escaped("house :: Courses < 'a , U >"), "house::Courses%3C%27a%2CU%3E");
    }
}
