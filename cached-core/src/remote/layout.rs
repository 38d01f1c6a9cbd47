//! Names on the server: how a namespace's entries, tag generations, sequence and stream are called. Golden files
//! pin them (docs/KEYS.md).

/// The names of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    namespace: String,
}

impl Layout {
    /// `namespace` holds letters, digits and `-_.:/` only, so that it is no glob.
    pub(crate) fn new(namespace: &str) -> Option<Self> {
        let clean = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
        let fits = !namespace.is_empty() && namespace.len() <= 128 && namespace.chars().all(clean);
        fits.then(|| Self { namespace: namespace.to_owned() })
    }

    pub(crate) fn entry(&self, key: &str) -> String {
        // Every read asks: put together without the machinery of formatting.
        let mut name = String::with_capacity(self.namespace.len() + 3 + key.len());
        name.push_str(&self.namespace);
        name.push_str(":k:");
        name.push_str(key);
        name
    }

    /// The lease of who loads anew what a stale entry holds.
    pub(crate) fn renewal(&self, key: &str) -> String {
        format!("{}:l:{key}", self.namespace)
    }

    pub(crate) fn tag(&self, tag: &str) -> String {
        format!("{}:t:{tag}", self.namespace)
    }

    /// A generation that every tag invalidation changes.
    pub(crate) fn sequence(&self) -> String {
        format!("{}:seq", self.namespace)
    }

    /// Stands while an invalidation removes keys one after the other.
    pub(crate) fn notice(&self) -> String {
        format!("{}:sweep", self.namespace)
    }

    /// The stream of invalidations.
    pub(crate) fn bus(&self) -> String {
        format!("{}:bus", self.namespace)
    }

    /// How far in that stream each listener has got.
    pub(crate) fn hearing(&self) -> String {
        format!("{}:hearing", self.namespace)
    }

    /// The glob over server keys that means a glob over keys.
    pub(crate) fn entries(&self, pattern: &str) -> String {
        format!("{}:k:{pattern}", self.namespace)
    }
}
