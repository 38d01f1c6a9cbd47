//! `key!`: a `Key`, or a `Pattern` if it holds a wildcard; variables, field paths, `self`.

use cached_core::{Key, Pattern, key};

struct Repo {
    tenant: String,
}

impl Repo {
    fn own(&self, ids: (u32, &str)) -> Key {
        key!("own:<self.tenant>:<ids.0>:<ids.1:hash>")
    }
}

pub(crate) async fn run() {
    let id = "a:b*";
    assert_eq!(key!("course:<id>").as_str(), "course:a%3Ab%2A");
    let pattern: Pattern = key!("course:<id>:*",);
    assert!(pattern.matches("course:a%3Ab%2A:x"));
    let repo = Repo { tenant: "north".to_owned() };
    assert!(repo.own((7, "secret")).as_str().starts_with("own:north:7:"));
}
