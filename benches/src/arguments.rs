//! The command line: names of workloads, rounds, where JSON goes.

/// In the order in which they are run.
pub(crate) const WORKLOADS: &[&str] = &[
    "local",
    "threads",
    "remote",
    "miss",
    "stampede",
    "invalidation",
    "memory",
    "program",
    "instructions",
];

pub(crate) struct Arguments {
    names: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) json: Option<String>,
    /// Of the variants, those whose description has this text.
    pub(crate) only: String,
}

impl Arguments {
    pub(crate) fn parse(mut given: impl Iterator<Item = String>) -> Self {
        let mut this = Self { names: Vec::new(), rounds: 15, json: None, only: String::new() };
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--rounds" => {
                    this.rounds = given.next().and_then(|n| n.parse().ok()).expect("--rounds N");
                }
                "--only" => this.only = given.next().expect("--only TEXT"),
                "--json" => this.json = Some(given.next().expect("--json FILE")),
                _ => this.names.push(argument),
            }
        }
        this
    }

    pub(crate) fn workloads(&self) -> impl Iterator<Item = &str> {
        let all = self.names.is_empty();
        let named = self.names.iter().map(String::as_str);
        named.chain(WORKLOADS.iter().copied().filter(move |_| all))
    }

    /// `count VARIANT N`: nothing but N operations of one variant, for callgrind.
    pub(crate) fn count(&self) -> Option<(String, u64)> {
        match &self.names[..] {
            [count, variant, n] if count == "count" => Some((variant.clone(), n.parse().ok()?)),
            _ => None,
        }
    }
}
