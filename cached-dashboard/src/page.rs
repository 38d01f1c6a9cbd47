//! The page: a template with the style, the script and the cache map put in. Nothing is fetched from elsewhere.

use crate::escape::escaped;
use crate::{Shared, map};

const PAGE: &str = include_str!("../assets/page.html");
const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/script.js");
const WRITES: &str = include_str!("../assets/writes.html");

pub(crate) fn render(shared: &Shared, nonce: &str) -> String {
    let settings = &shared.settings;
    let audit = map::audit(settings);
    let (writes, token) = if settings.writes { (WRITES, shared.token.as_str()) } else { ("", "") };
    let keys = if settings.keys { "" } else { " hidden" };
    // What comes from outside is put in last, so that nothing in it is taken for a place.
    PAGE.replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
        .replace("{nonce}", nonce)
        .replace("{token}", token)
        .replace("{writes}", writes)
        .replace("{keys}", keys)
        .replace("{map}", &map::drawing(&audit))
        .replace("{title}", &escaped(&settings.title))
}
