//! The options of `#[invalidates(..)]`: bare calls of cached functions, templates, and events.

use super::list::{self, Slot};
use super::{cached, names, templates};
use crate::ctxt::Ctxt;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprCall, ExprClosure, ExprMethodCall, Ident, LitStr, Path};

/// An entry, named by the call that reads it.
pub(crate) enum Call {
    /// `Self::course(id)`
    Function(ExprCall),
    /// `self.course(id)`
    Method(ExprMethodCall),
}

/// `with = ..`
pub(crate) enum With {
    Value(Box<Expr>),
    /// A closure over the returned value.
    Returned(Box<ExprClosure>),
}

#[derive(Default)]
pub(crate) struct InvalidatesOptions {
    pub(crate) calls: Vec<Call>,
    pub(crate) key: Slot<Vec<LitStr>>,
    pub(crate) tags: Slot<Vec<LitStr>>,
    pub(crate) pattern: Slot<Vec<LitStr>>,
    pub(crate) with: Slot<With>,
    pub(crate) cache: Slot<Expr>,
    /// `in = ..`: the transaction whose commit applies all of it.
    pub(crate) within: Slot<Expr>,
    pub(crate) krate: Slot<Path>,
}

impl InvalidatesOptions {
    pub(crate) fn parse(tokens: TokenStream, ctxt: &Ctxt) -> Self {
        let mut options = Self::default();
        let parser = |input: ParseStream<'_>| {
            list::each(input, ctxt, |input| options.one(input, ctxt));
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            ctxt.push(error);
        }
        if options.names_nothing() && ctxt.is_clean() {
            let settings = options.within.span().or(options.cache.span());
            ctxt.error_at(
                settings.unwrap_or_else(Span::call_site),
                "`#[invalidates]` names nothing: write the reads that this function makes stale, such as \
                 `#[invalidates(Self::course(id))]`, or `key`, `tags`, `pattern`, `with`",
            );
        }
        options
    }

    fn names_nothing(&self) -> bool {
        let lists = [&self.key, &self.tags, &self.pattern];
        self.calls.is_empty()
            && lists.iter().all(|list| list.get().is_none())
            && self.with.get().is_none()
    }

    fn one(&mut self, input: ParseStream<'_>, ctxt: &Ctxt) -> syn::Result<()> {
        if !list::at_assignment(input) && !input.peek(syn::Token![in]) {
            self.calls.push(call(input)?);
            return Ok(());
        }
        let name = list::name(input)?;
        match name.to_string().as_str() {
            "key" => self.key.set_list(&name, templates::many(&name, input)?, ctxt),
            "tags" => self.tags.set_list(&name, templates::many(&name, input)?, ctxt),
            "pattern" => self.pattern.set_list(&name, templates::many(&name, input)?, ctxt),
            "with" => self.with.set(&name, with(&name, input)?, ctxt),
            "cache" => self.cache.set(&name, list::value(&name, input)?, ctxt),
            "crate" => self.krate.set(&name, cached::krate(&name, input)?, ctxt),
            "in" => self.within.set(&name, within(&name, input)?, ctxt),
            _ => return Err(names::unknown_in_invalidates(&name)),
        }
        Ok(())
    }
}

/// A transaction: a place, so that it is borrowed and not made.
fn within(name: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    let expr = list::expr(name, input)?;
    match &expr {
        Expr::Lit(_) | Expr::Closure(_) | Expr::Block(_) | Expr::Await(_) => {
            Err(syn::Error::new_spanned(
                expr,
                "`in` takes the transaction, such as `in = tx` or `in = self.tx`",
            ))
        }
        _ => Ok(expr),
    }
}

fn with(name: &Ident, input: ParseStream<'_>) -> syn::Result<With> {
    Ok(match list::expr(name, input)? {
        Expr::Closure(closure) => With::Returned(Box::new(closure)),
        expr => With::Value(Box::new(expr)),
    })
}

const A_CALL: &str = "name a cached function with its arguments, such as `Self::course(id)`, or write `key = ..`, \
                      `tags = ..`, `pattern = ..`, `with = ..`";

/// Reads a bare call.
fn call(input: ParseStream<'_>) -> syn::Result<Call> {
    refuse_return(input)?;
    match list::ungrouped(input.parse()?) {
        Expr::Call(mut call) => {
            *call.func = list::ungrouped(*call.func);
            if !matches!(&*call.func, Expr::Path(path) if path.qself.is_none()) {
                return Err(syn::Error::new_spanned(call.func, A_CALL));
            }
            refuse_wildcard(call.args.iter())?;
            Ok(Call::Function(call))
        }
        Expr::MethodCall(call) => {
            refuse_wildcard(call.args.iter())?;
            Ok(Call::Method(call))
        }
        Expr::Await(call) => Err(syn::Error::new_spanned(
            call,
            "remove `.await`: the function is not called here, the call names its entry",
        )),
        Expr::Lit(literal) => Err(syn::Error::new_spanned(
            literal,
            "say what the text is: `key = ..`, `tags = [..]` or `pattern = ..`",
        )),
        other => Err(syn::Error::new_spanned(other, A_CALL)),
    }
}

/// `Self::course(return.id)`: not Rust, but a natural thing to try.
fn refuse_return(input: ParseStream<'_>) -> syn::Result<()> {
    let ahead = input.fork();
    let mut element = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(syn::Token![,]) {
        element.extend([ahead.parse::<TokenTree>()?]);
    }
    let Some(span) = find_return(element) else { return Ok(()) };
    input.advance_to(&ahead);
    Err(syn::Error::new(
        span,
        "a call is rendered before the body runs, when nothing is returned yet: write \
         `key = \"..<return.field>\"`, or `with = |value| ..`",
    ))
}

fn find_return(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "return" => Some(ident.span()),
        TokenTree::Group(group) => find_return(group.stream()),
        _ => None,
    })
}

/// `Self::course(_)`: an entry is one key.
fn refuse_wildcard<'a>(args: impl Iterator<Item = &'a Expr>) -> syn::Result<()> {
    for arg in args {
        if matches!(arg, Expr::Infer(_)) {
            return Err(syn::Error::new_spanned(
                arg,
                "a call names one entry, with all its arguments: for many write `pattern = \"..:*\"` or give them \
                 a tag",
            ));
        }
    }
    Ok(())
}
