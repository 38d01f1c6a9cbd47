//! What `#[invalidates]` knows about a function once its options are read and its placeholders resolved.

use crate::ctxt::Ctxt;
use crate::function::Function;
use crate::options::InvalidatesOptions;
use crate::rendering::Rendering;
use crate::resolve;
use crate::template::{self, Purpose};
use syn::LitStr;

/// A function that makes cached values stale.
pub(crate) struct Write {
    pub(crate) function: Function,
    pub(crate) options: InvalidatesOptions,
    pub(crate) targets: Vec<Target>,
}

/// A template, and what it names.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) rendering: Rendering,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Key,
    Tag,
    Pattern,
}

impl Write {
    pub(crate) fn new(function: Function, options: InvalidatesOptions, ctxt: &Ctxt) -> Self {
        let mut targets = Vec::new();
        let lists = [
            (Kind::Key, Purpose::InvalidatedKey, options.key.get()),
            (Kind::Tag, Purpose::InvalidatedTag, options.tags.get()),
            (Kind::Pattern, Purpose::Pattern, options.pattern.get()),
        ];
        for (kind, purpose, literals) in lists {
            for literal in literals.into_iter().flatten() {
                let rendering = rendering(literal, purpose, &function, ctxt);
                targets.extend(rendering.map(|rendering| Target { kind, rendering }));
            }
        }
        Self { function, options, targets }
    }
}

fn rendering(
    literal: &LitStr,
    purpose: Purpose,
    function: &Function,
    ctxt: &Ctxt,
) -> Option<Rendering> {
    let template = template::parse(literal, purpose, ctxt)?;
    resolve::in_function(&template, function, ctxt)
}
