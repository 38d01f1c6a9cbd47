//! Arguments that a closure of `with` uses: it runs after the body, which has taken them, so it gets copies. Which, is found here.

use crate::function::{self, Function};
use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprPath, ExprWhile, Ident, Item, Local,
    Macro, Pat, Type,
};

/// Those that the closure uses, but for references, which both can have.
pub(crate) fn names<'a>(closure: &ExprClosure, function: &'a Function) -> Vec<&'a Ident> {
    used(closure, function, |ty| !matches!(ty, Type::Reference(_)))
}

/// Those behind `&mut`, which the body has and nobody can copy, as the closure names them.
pub(crate) fn mutable(closure: &ExprClosure, function: &Function) -> Vec<Ident> {
    let names =
        used(closure, function, |ty| matches!(ty, Type::Reference(it) if it.mutability.is_some()));
    let mut used = Used { skips_macros: true, ..Used::default() };
    used.visit_expr_closure(closure);
    let first = |name: &&Ident| used.names.iter().find(|used| used == name).cloned();
    names.iter().filter_map(first).collect()
}

fn used<'a>(
    closure: &ExprClosure,
    function: &'a Function,
    of: impl Fn(&Type) -> bool,
) -> Vec<&'a Ident> {
    let mut used = Used::default();
    used.visit_expr_closure(closure);
    let names = function.args.iter().filter(|arg| of(&arg.ty)).flat_map(|arg| &arg.names);
    names.filter(|name| used.names.contains(name)).collect()
}

/// The names that are used where nothing of the closure's own has that name.
#[derive(Default)]
struct Used {
    names: Vec<Ident>,
    /// What is bound around the place that is looked at.
    bound: Vec<Ident>,
    /// What a macro names may be bound by it.
    skips_macros: bool,
}

impl Used {
    /// What is bound in `walk` ends with it.
    fn scope(&mut self, walk: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        walk(self);
        self.bound.truncate(outside);
    }

    fn bind(&mut self, pat: &Pat) {
        self.bound.extend(function::bound_names(pat));
    }

    fn name(&mut self, name: Ident) {
        if !self.bound.contains(&name) {
            self.names.push(name);
        }
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.name(name.clone());
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.scope(|used| {
            closure.inputs.iter().for_each(|pat| used.bind(pat));
            used.visit_expr(&closure.body);
        });
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.scope(|used| visit::visit_block(used, block));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        self.bind(&local.pat);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.scope(|used| {
            used.bind(&arm.pat);
            visit::visit_arm(used, arm);
        });
    }

    // The condition binds for what stands behind it, not for `else`.
    fn visit_expr_if(&mut self, it: &'ast ExprIf) {
        self.scope(|used| {
            used.visit_expr(&it.cond);
            used.visit_block(&it.then_branch);
        });
        if let Some((_, otherwise)) = &it.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, it: &'ast ExprWhile) {
        self.scope(|used| visit::visit_expr_while(used, it));
    }

    fn visit_expr_let(&mut self, it: &'ast ExprLet) {
        visit::visit_expr_let(self, it);
        self.bind(&it.pat);
    }

    fn visit_expr_for_loop(&mut self, it: &'ast ExprForLoop) {
        self.visit_expr(&it.expr);
        self.scope(|used| {
            used.bind(&it.pat);
            used.visit_block(&it.body);
        });
    }

    // A function inside has no arguments of the one around it.
    fn visit_item(&mut self, _: &'ast Item) {}

    fn visit_macro(&mut self, call: &'ast Macro) {
        if !self.skips_macros {
            self.add(call.tokens.clone());
        }
    }
}

impl Used {
    /// Every name in tokens of a macro, but for fields and methods; in text too, for `format!("{id}")`.
    fn add(&mut self, tokens: TokenStream) {
        let mut after_dot = false;
        for token in tokens {
            let dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match token {
                TokenTree::Ident(ident) if !after_dot => self.name(ident),
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
            if let Ok(name) = name {
                self.name(Ident::new(&name.to_string(), literal.span()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(closure: &str) -> Vec<String> {
        let function = "async fn f(a: String, b: String, c: &str) -> u32 { 1 }";
        let function = Function::new(syn::parse_str(function).unwrap());
        let closure = syn::parse_str(closure).unwrap();
        super::names(&closure, &function).iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn what_is_bound_within_is_no_argument() {
        for closure in [
            "|a| f(a)",
            "|_| f(|a| a, |(b, _)| b)",
            "|_| { let a = 1; f(a) }",
            "|v| match v { Some(a) if a > 1 => f(a), b => f(b) }",
            "|v| if let Some(a) = v && a > 1 { f(a) } else { g() }",
            "|v| { while let Some(a) = v.pop() { f(a); } for b in v { f(b); } }",
            "|v| { fn inner(a: u32) -> u32 { a } let Some(b) = v else { return }; format!(\"{b}\") }",
            "|v| f(v.a, v.b(), c)",
        ] {
            assert_eq!(names(closure), [""; 0], "{closure}");
        }
    }

    #[test]
    fn what_is_used_before_or_beside_a_binding_is_one() {
        for closure in [
            "|_| { let a = a + 1; f(a) }",
            "|_| { { let a = 1; } f(a) }",
            "|v| if let Some(a) = v { 1 } else { f(a) }",
            "|v| match v { Some(a) => 1, _ => f(a) }",
            "|_| { for a in a {} }",
            "|_| key!(\"course:<a>\")",
            "|_| format!(\"{a}\")",
        ] {
            assert_eq!(names(closure), ["a"], "{closure}");
        }
    }
}
