//! The expansion of `#[invalidates]`: build an `Invalidation` before the body, call `run`.

use super::settings::cache_handle;
use super::steps::{self, AfterReturn};
use super::transaction::{self, Mistake};
use super::{Private, body, companion, listed, local, word};
use crate::captured;
use crate::function;
use crate::options::{Call, With};
use crate::write::{Kind, Target, Write};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprClosure, Ident, Token};

/// The function.
pub(crate) fn write(write: &Write, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let output = &write.function.output;
    let invalidation = local("invalidation");
    let write_local = local("write");
    let targets = before_body(write, private);
    let AfterBody { early, copies, on_success } = after_body(write, private);
    let (destination, start) = destination(write, private);
    let listed = listed::write(write, private);
    let future = body::future(&write.function, private);
    let refuse = match write.options.within.get() {
        Some(_) => TokenStream::new(),
        None => transaction::refuse(&Mistake::InvalidatedEarly, &write.function, private),
    };
    let content = quote_spanned! {site=>
        #refuse
        #early
        #destination
        let #invalidation = #targets;
        let #write_local = {
            use #private::via::*;
            #copies
            (&&#private::Shape::<#output>::NEW) #start.site(#listed) #on_success
        };
        #write_local.run(#future).await
    };
    body::function(&write.function, &content)
}

/// What begins the write, and what must stand before it: in the default cache, in a given one, or in a transaction.
fn destination(write: &Write, private: &Private) -> (TokenStream, TokenStream) {
    let site = Span::mixed_site();
    let invalidation = local("invalidation");
    if let Some(transaction) = write.options.within.get() {
        let collector = local("collector");
        let here = transaction.span().resolved_at(site);
        let reference = companion::reference_to(transaction);
        let before = quote_spanned!(here=> let #collector = #private::collector(#reference););
        return (before, quote_spanned!(site=> .via_write_to(#collector, #invalidation)));
    }
    // The body may change or take what the cache is a field of.
    match write.options.cache.get() {
        None => (quote!(), quote_spanned!(site=> .via_write(#invalidation))),
        Some(cache) => {
            let (before, cache) = cache_handle(&companion::reference_to(cache), private);
            (before, quote_spanned!(site=> .via_write_in(#cache, #invalidation)))
        }
    }
}

/// Everything that needs no returned value; the body may move the arguments.
fn before_body(write: &Write, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let (name, inv) = (write.function.name(), local("inv"));
    let mut targets = quote_spanned!(site=> #private::Invalidation::new());
    let mut loops = TokenStream::new();
    for call in &write.options.calls {
        let companion = companion_call(call);
        targets.extend(quote_spanned!(site=> .target(#companion)));
    }
    for Target { kind, rendering } in &write.targets {
        if rendering.names_return() {
            continue;
        }
        let target = added(*kind, &steps::chain(rendering, &name), private);
        match rendering.deepest() {
            None => targets.extend(target),
            Some(deepest) => loops.extend(steps::for_each(deepest, added_once(&target))),
        }
    }
    // Last of all that is rendered before the body: it may take the arguments.
    let event = match write.options.with.get() {
        Some(With::Value(event)) => quote_spanned!(event.span()=> .and(#event)),
        _ => TokenStream::new(),
    };
    match loops.is_empty() {
        true => quote_spanned!(site=> #targets #event),
        false => quote_spanned!(site=> { let mut #inv = #targets; #loops #inv #event }),
    }
}

/// `inv = inv.key(..);`
fn added_once(target: &TokenStream) -> TokenStream {
    let inv = local("inv");
    quote_spanned!(Span::mixed_site()=> #inv = #inv #target;)
}

/// `.key(Key::render(|k| { .. }))`
fn added(kind: Kind, chain: &TokenStream, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let (method, ty) = match kind {
        Kind::Key => ("key", "Key"),
        Kind::Tag => ("tag", "Key"),
        Kind::Pattern => ("pattern", "Pattern"),
    };
    let method = word(method);
    let rendered = steps::rendered(private, ty, chain);
    quote_spanned!(site=> .#method(#rendered))
}

/// What is emitted for what needs the returned value.
struct AfterBody {
    /// The keys rendered before the body.
    early: TokenStream,
    /// Arguments that a closure needs as well as the body.
    copies: TokenStream,
    on_success: TokenStream,
}

/// What needs the returned value: the keys rendered before the body, and the closures that finish them.
fn after_body(write: &Write, private: &Private) -> AfterBody {
    let site = Span::mixed_site();
    let name = write.function.name();
    let (value, inv, early) = (local("value"), local("inv"), local("early"));
    let mut keys = Vec::new();
    let (mut targets, mut loops) = (TokenStream::new(), TokenStream::new());
    for Target { kind, rendering } in &write.targets {
        if !rendering.names_return() {
            continue;
        }
        let AfterReturn { before, chain } =
            steps::after_return(rendering, &name, private, keys.len());
        keys.extend(before);
        let target = added(*kind, &chain, private);
        match rendering.deepest() {
            None => targets.extend(target),
            Some(deepest) => loops.extend(steps::for_each(deepest, added_once(&target))),
        }
    }
    let mut on_success = TokenStream::new();
    if !loops.is_empty() {
        on_success.extend(quote_spanned! {site=>
            .on_success(move |#value, #inv| { let mut #inv = #inv #targets; #loops #inv })
        });
    } else if !targets.is_empty() {
        on_success.extend(quote_spanned!(site=> .on_success(move |#value, #inv| #inv #targets)));
    }
    let mut copies = TokenStream::new();
    if let Some(With::Returned(closure)) = write.options.with.get() {
        let captured = captured::names(closure, &write.function);
        copies = self::copies(&captured, private);
        on_success.extend(with_returned(closure, !captured.is_empty()));
    }
    let early = (!keys.is_empty()).then(|| quote_spanned!(site=> let #early = [#(#keys),*];));
    AfterBody { early: quote!(#early), copies, on_success }
}

/// `let title = copy(&title);`
fn copies(names: &[&Ident], private: &Private) -> TokenStream {
    let copy = |name: &&Ident| {
        let here = name.span().resolved_at(Span::mixed_site());
        // What a macro in the closure names need not be the argument.
        quote_spanned!(here=> #[allow(unused_variables)] let #name = #private::copy(&#name);)
    };
    names.iter().map(copy).collect()
}

/// `.on_success(|VALUE, inv| inv.and(EVENT))`: the user's pattern and body, so that the value's type is inferred.
fn with_returned(closure: &ExprClosure, takes_copies: bool) -> TokenStream {
    let inv = local("inv");
    let ExprClosure { capture, inputs, body, .. } = closure;
    let capture = capture.or(takes_copies.then(Default::default));
    let pat = inputs.first();
    // A `return` must leave the user's closure, not ours.
    let event = if function::mentions(&body.to_token_stream(), "return") {
        quote_spanned!(body.span()=> (|| #body)())
    } else {
        quote!(#body)
    };
    quote_spanned!(closure.span()=> .on_success(#capture |#pat, #inv| #inv.and(#event)))
}

/// `Self::course(id)` becomes `Self::course__needs_cached_attribute(&id)`, with the user's spans.
fn companion_call(call: &Call) -> TokenStream {
    match call {
        Call::Function(call) => {
            let mut call = call.clone();
            if let Expr::Path(path) = &mut *call.func
                && let Some(last) = path.path.segments.last_mut()
            {
                last.ident = companion::name(&last.ident);
            }
            by_reference(&mut call.args);
            call.into_token_stream()
        }
        Call::Method(call) => {
            let mut call = call.clone();
            call.method = companion::name(&call.method);
            by_reference(&mut call.args);
            call.into_token_stream()
        }
    }
}

/// Arguments are lent. `&[a, b]` stays: behind a second reference it would not become a slice.
fn by_reference(args: &mut Punctuated<Expr, Token![,]>) {
    for arg in args {
        if is_array_reference(arg) {
            continue;
        }
        let span = arg.span();
        let value = arg.clone();
        *arg = Expr::Reference(syn::ExprReference {
            attrs: Vec::new(),
            and_token: Token![&](span.resolved_at(Span::mixed_site())),
            mutability: None,
            expr: Box::new(value),
        });
    }
}

fn is_array_reference(arg: &Expr) -> bool {
    match arg {
        Expr::Reference(reference) => matches!(&*reference.expr, Expr::Array(_) | Expr::Repeat(_)),
        Expr::Lit(literal) => matches!(literal.lit, syn::Lit::ByteStr(_)),
        _ => false,
    }
}
