//! Finds what each placeholder names. Whether the key is complete is checked elsewhere.

use crate::ctxt::Ctxt;
use crate::function::{self, Function};
use crate::rendering::{Part, Rendering, Root, Step};
use crate::suggest;
use crate::template::{self, Piece, Placeholder, Template};
use proc_macro2::Span;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Index, Member};

/// Resolves the names of a template against a function's arguments.
pub(crate) fn in_function(
    template: &Template,
    function: &Function,
    ctxt: &Ctxt,
) -> Option<Rendering> {
    resolve(template, |placeholder| match root(placeholder, template, function) {
        Ok((root, span)) => Some((root, span)),
        Err(message) => {
            ctxt.error_at(template.literal.span(), message);
            None
        }
    })
}

/// Takes every name of a template as a variable that is in scope.
pub(crate) fn in_scope(template: &Template) -> Option<Rendering> {
    let span = template.literal.span();
    resolve(template, |placeholder| {
        let ident = ident(&placeholder.root, span);
        let root = if ident == "self" { Root::Receiver(ident) } else { Root::Variable(ident) };
        Some((root, span))
    })
}

fn resolve(
    template: &Template,
    mut find: impl FnMut(&Placeholder) -> Option<(Root, Span)>,
) -> Option<Rendering> {
    let mut steps = Vec::new();
    let mut complete = true;
    for piece in &template.pieces {
        steps.push(match piece {
            Piece::Text(text) => Step::Text(text.clone()),
            Piece::AnyText => Step::AnyText,
            Piece::AnyByte => Step::AnyByte,
            Piece::Slot(placeholder) => match find(placeholder) {
                Some((root, span)) => {
                    let mut paths = paths(placeholder, template.literal.span());
                    let fields = paths.pop().unwrap_or_default();
                    Step::Part(Part { root, each: paths, fields, hashed: placeholder.hashed, span })
                }
                None => {
                    complete = false;
                    continue;
                }
            },
        });
    }
    complete.then(|| Rendering { steps, literal: Some(template.literal.clone()) })
}

fn root(
    placeholder: &Placeholder,
    template: &Template,
    function: &Function,
) -> Result<(Root, Span), String> {
    let here = template.literal.span();
    let name = placeholder.root.as_str();
    match name {
        "return" => return Ok((Root::Returned, here)),
        "self" => {
            return match function.receiver() {
                Some(receiver) => {
                    let ident = Ident::new("self", receiver.self_token.span);
                    Ok((Root::Receiver(at(&ident, here)), here))
                }
                None => Err(format!("`{placeholder}` needs a method: this function has no `self`")),
            };
        }
        "Self" => {
            if placeholder.hashed || !placeholder.fields.is_empty() {
                return Err(is_a_type(name));
            }
            return Ok((Root::Type(Ident::new("Self", here)), here));
        }
        _ => {}
    }
    if let Some((arg, ident)) = argument(function, name) {
        // About a whole argument the reader looks at its type; about a field, at the path.
        let whole = placeholder.fields.is_empty() && arg.plain_name().is_some();
        let span = if whole { arg.ty.span() } else { here };
        return Ok((Root::Variable(at(ident, span)), span));
    }
    if let Some(ident) = function.key_consts().find(|ident| ident.unraw() == name) {
        return Ok((Root::Const(ident.clone()), here));
    }
    if let Some(ident) = function.key_types().find(|ident| ident.unraw() == name) {
        if placeholder.hashed || !placeholder.fields.is_empty() {
            return Err(is_a_type(name));
        }
        return Ok((Root::Type(at(ident, here)), here));
    }
    Err(names_nothing(placeholder, function))
}

fn is_a_type(name: &str) -> String {
    format!("`{name}` is a type, which renders as its name: write `<{name}>`")
}

fn argument<'a>(function: &'a Function, name: &str) -> Option<(&'a function::Argument, &'a Ident)> {
    function
        .args
        .iter()
        .flat_map(|arg| arg.names.iter().map(move |ident| (arg, ident)))
        .find(|(_, ident)| ident.unraw() == name)
}

fn names_nothing(placeholder: &Placeholder, function: &Function) -> String {
    let (renamed, names): (Vec<&Ident>, Vec<&Ident>) =
        function.names().partition(|name| function::is_renamed(name));
    let known: Vec<String> = names
        .into_iter()
        .chain(function.key_types())
        .chain(function.key_consts())
        .map(|ident| ident.unraw().to_string())
        .collect();
    let written = &placeholder.root;
    let hint = match suggest::nearest(written, known.iter().map(String::as_str)) {
        Some(near) => {
            let near = Placeholder { root: near.to_owned(), ..placeholder.clone() };
            format!("; did you mean `{near}`?")
        }
        None if !renamed.is_empty() => {
            "; `#[async_trait]` has renamed a pattern: give that argument a name and take it apart in the body".to_owned()
        }
        // Of these the macro knows nothing.
        None if written.starts_with(char::is_uppercase) && function.names_self_type() => {
            "; a parameter of the `impl` block is in `<Self>`, the name of the type".to_owned()
        }
        None if known.is_empty() => "; the function has no arguments".to_owned(),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`<{name}>`")).collect();
            format!("; there is {}", known.join(", "))
        }
    };
    format!("`{placeholder}` names no argument{hint}")
}

/// The fields, cut at every `*`.
fn paths(placeholder: &Placeholder, span: Span) -> Vec<Vec<Member>> {
    // As tokens of the expansion, so that the compiler does not offer to replace the whole literal by a field.
    let span = Span::mixed_site().located_at(span);
    let member = |field: &String| match field.parse() {
        Ok(index) => Member::Unnamed(Index { index, span }),
        Err(_) => Member::Named(ident(field, span)),
    };
    let paths = placeholder.fields.split(|field| field == template::EACH);
    paths.map(|path| path.iter().map(member).collect()).collect()
}

/// An identifier, raw if it is a keyword.
fn ident(name: &str, span: Span) -> Ident {
    let plain = matches!(name, "self" | "Self") || syn::parse_str::<Ident>(name).is_ok();
    if plain { Ident::new(name, span) } else { Ident::new_raw(name, span) }
}

/// The same name with the same hygiene, shown at another place.
pub(crate) fn at(ident: &Ident, place: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(place));
    ident
}

/// The template as it is shown to people; for a default key, what follows the function's path.
pub(crate) fn shown(rendering: &Rendering) -> String {
    if let Some(literal) = &rendering.literal {
        return literal.value();
    }
    let mut text = String::new();
    for step in &rendering.steps {
        match step {
            Step::Text(literal) => text.push_str(literal),
            Step::Part(part) => {
                let name = match &part.root {
                    Root::Variable(ident)
                    | Root::Receiver(ident)
                    | Root::Type(ident)
                    | Root::Const(ident) => ident.to_token_stream().to_string(),
                    Root::Returned => "return".to_owned(),
                };
                text.push_str(&format!("<{name}>"));
            }
            Step::Origin(_) | Step::Module(_) | Step::AnyText | Step::AnyByte => {}
        }
    }
    text
}
