//! What `#[cached]` knows about a function once its options are read and its placeholders resolved.

use crate::batch::Batch;
use crate::ctxt::Ctxt;
use crate::default_key;
use crate::function::Function;
use crate::options::CachedOptions;
use crate::rendering::Rendering;
use crate::resolve;
use crate::template::{self, Purpose};
use proc_macro2::Span;
use syn::Ident;

/// A cached function.
pub(crate) struct Read {
    pub(crate) function: Function,
    pub(crate) options: CachedOptions,
    /// `None` if the template is wrong, which has been reported.
    pub(crate) key: Option<Rendering>,
    pub(crate) tags: Vec<Rendering>,
    /// `None` too if the argument cannot be one, which `check` reports.
    pub(crate) batch: Option<Batch>,
}

impl Read {
    pub(crate) fn new(mut function: Function, options: CachedOptions, ctxt: &Ctxt) -> Self {
        if let Some(marker) = &options.in_trait_impl {
            function.outer.clone_from(&marker.outer);
        }
        let key = match options.key.get() {
            None => Some(default_key::of(&function, &options)),
            Some(literal) => template::parse(literal, Purpose::Key, ctxt)
                .and_then(|template| resolve::in_function(&template, &function, ctxt)),
        };
        let tags = options
            .tags
            .get()
            .into_iter()
            .flatten()
            .filter_map(|literal| template::parse(literal, Purpose::Tag, ctxt))
            .filter_map(|template| resolve::in_function(&template, &function, ctxt))
            .collect();
        let batch = options.batch.get().and_then(|name| Batch::of(&function, name));
        Self { function, options, key, tags, batch }
    }

    /// What has the function called again in a task of its own, if anything: the option's name, and where it stands.
    pub(crate) fn background(&self) -> Option<(&'static str, Span)> {
        let options = &self.options;
        match (options.stale_while_revalidate.span(), options.stale_if_error.get()) {
            (Some(span), _) => Some(("stale_while_revalidate", span)),
            // A load that is not waited for any more goes on.
            (None, Some(_)) => options.timeout.span().map(|span| ("timeout", span)),
            (None, None) => None,
        }
    }

    pub(crate) fn skipped(&self) -> &[Ident] {
        self.options.skip.get().map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn is_skipped(&self, name: &Ident) -> bool {
        self.skipped().contains(name)
    }
}
