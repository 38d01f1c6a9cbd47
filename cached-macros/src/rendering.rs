//! A template with its names resolved: what is written into a key, step by step. Emitting it is `expand`'s work.

use proc_macro2::Span;
use syn::{Ident, LitStr, Member};

/// The steps that render a key, tag or pattern.
#[derive(Clone)]
pub(crate) struct Rendering {
    pub(crate) steps: Vec<Step>,
    /// The template as it was written; a default key has none.
    pub(crate) literal: Option<LitStr>,
}

#[derive(Clone)]
pub(crate) enum Step {
    Text(String),
    /// Where the function of this name stands: module, type, trait or function around it.
    Origin(String),
    /// Module path and the function of this name: for companions that stand elsewhere than their function.
    Module(String),
    /// `*`
    AnyText,
    /// `?`
    AnyByte,
    Part(Part),
}

/// A placeholder that found what it names.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) root: Root,
    /// The collections that `.*` goes through, each as a path from the element of the one before.
    pub(crate) each: Vec<Vec<Member>>,
    pub(crate) fields: Vec<Member>,
    pub(crate) hashed: bool,
    /// Where errors about the value belong.
    pub(crate) span: Span,
}

#[derive(Clone)]
pub(crate) enum Root {
    /// An argument or, in `key!`, any variable.
    Variable(Ident),
    /// `self`
    Receiver(Ident),
    /// A type parameter, or `Self`.
    Type(Ident),
    Const(Ident),
    /// `return`
    Returned,
}

impl Rendering {
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.steps.iter().filter_map(|step| match step {
            Step::Part(part) => Some(part),
            _ => None,
        })
    }

    /// The part that goes through the most collections, if one does: all others go through some of these.
    pub(crate) fn deepest(&self) -> Option<&Part> {
        let deepest = self.parts().max_by_key(|part| part.each.len())?;
        (!deepest.each.is_empty()).then_some(deepest)
    }

    pub(crate) fn names_return(&self) -> bool {
        self.parts().any(|part| matches!(part.root, Root::Returned))
    }

    pub(crate) fn names_receiver(&self) -> bool {
        self.parts().any(|part| matches!(part.root, Root::Receiver(_)))
    }

    pub(crate) fn names_variable(&self, name: &Ident) -> bool {
        self.parts().any(|part| matches!(&part.root, Root::Variable(other) if other == name))
    }

    /// Whether a part is the variable itself, and not a field of it.
    pub(crate) fn names_whole(&self, name: &Ident) -> bool {
        let mut whole = self.parts().filter(|part| part.fields.is_empty() && part.each.is_empty());
        whole.any(|part| matches!(&part.root, Root::Variable(other) if other == name))
    }

    pub(crate) fn names_parameter(&self, name: &Ident) -> bool {
        self.parts().any(
            |part| matches!(&part.root, Root::Type(other) | Root::Const(other) if other == name),
        )
    }
}
