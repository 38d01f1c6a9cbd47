//! Arguments that a closure of `with` uses: it runs after the body, which has taken them, so it gets copies.

use super::Private;
use crate::function::{self, Function};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{ExprClosure, ExprPath, Ident, Macro, Type};

/// Those that the closure mentions, but for references, which both can have.
pub(super) fn names<'a>(closure: &ExprClosure, function: &'a Function) -> Vec<&'a Ident> {
    let mut used = Used(Vec::new());
    used.visit_expr(&closure.body);
    let own: Vec<Ident> = closure.inputs.iter().flat_map(function::bound_names).collect();
    let args = function.args.iter().filter(|arg| !matches!(arg.ty, Type::Reference(_)));
    let names = args.flat_map(|arg| &arg.names);
    names.filter(|name| used.0.contains(name) && !own.contains(name)).collect()
}

/// `let title = copy(&title);`
pub(super) fn copies(names: &[&Ident], private: &Private) -> TokenStream {
    let copy = |name: &&Ident| {
        let here = name.span().resolved_at(Span::mixed_site());
        quote_spanned!(here=> let #name = #private::copy(&#name);)
    };
    names.iter().map(copy).collect()
}

struct Used(Vec<Ident>);

impl<'ast> Visit<'ast> for Used {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.0.extend(path.path.get_ident().cloned());
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add(call.tokens.clone());
    }
}

impl Used {
    /// Every name in tokens of a macro, but for fields and methods; in text too, for `format!("{id}")`.
    fn add(&mut self, tokens: TokenStream) {
        let mut after_dot = false;
        for token in tokens {
            let dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match token {
                TokenTree::Ident(ident) if !after_dot => self.0.push(ident),
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(text) => self.add_braced(&text),
                _ => {}
            }
            after_dot = dot;
        }
    }

    fn add_braced(&mut self, literal: &proc_macro2::Literal) {
        let text = literal.to_string();
        for inside in text.split(['{', '<']).skip(1) {
            let end = inside.find(|c: char| c != '_' && !c.is_alphanumeric());
            let name = &inside[..end.unwrap_or(inside.len())];
            let name = syn::parse::Parser::parse_str(Ident::parse_any, name);
            self.0.extend(name.map(|name| Ident::new(&name.to_string(), literal.span())));
        }
    }
}
