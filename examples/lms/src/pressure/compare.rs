//! Every page that may show something of what was written, compared with what a server shows that caches nothing.

use futures_util::future::join_all;
use uuid::Uuid;

use super::outage::Phase;
use super::tally::Outcome;
use super::target::{Servers, Target, get};
use crate::ids;
use crate::repository::Offer;

/// Whom and what a write is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Subjects {
    pub(super) course: Option<Uuid>,
    /// What the list of courses is searched for.
    pub(super) code: Option<String>,
    pub(super) teacher: Option<Uuid>,
    pub(super) student: Option<Uuid>,
    /// What the list of students is searched for.
    pub(super) name: Option<String>,
}

impl Subjects {
    /// A course that there was before the load, and perhaps one of its students.
    pub(super) fn of(offer: &Offer, student: Option<Uuid>) -> Self {
        Self {
            course: Some(offer.id),
            code: Some(offer.code.clone()),
            teacher: Some(offer.teacher_id),
            student,
            name: None,
        }
    }

    /// The pages of the subjects, and those that show something of everybody. That there are too many of them costs time alone.
    pub(super) fn pages(&self) -> Vec<String> {
        let admin = format!("/admins/{}/profile", ids::admin());
        let mut pages: Vec<String> =
            ["/courses", "/courses/new", "/students", "/teachers", "/admin", "/login", &admin]
                .map(str::to_owned)
                .into();
        let mut add = |base: String, below: &[&str]| {
            pages.extend(below.iter().map(|page| format!("{base}{page}")));
        };
        if let Some(id) = self.course {
            add(format!("/courses/{id}"), &["", "/edit", "/students", "/students?page=2"]);
        }
        if let Some(id) = self.teacher {
            add(format!("/teachers/{id}"), &["", "/courses", "/profile"]);
        }
        if let Some(id) = self.student {
            add(format!("/students/{id}"), &["", "/courses", "/payments", "/profile"]);
        }
        pages.extend(self.code.iter().map(|code| format!("/courses?search={code}")));
        pages.extend(self.name.iter().map(|name| format!("/students?search={name}")));
        pages
    }
}

/// Asks every server for the pages, so that what they show is cached when the write comes.
pub(super) async fn ask(servers: &Servers, outcome: &mut Outcome, pages: &[String]) {
    for page in all(&servers.targets, pages).await {
        if let Err(reason) = page {
            outcome.fail(reason);
        }
    }
}

/// Compares the pages of every server with the truth; the caller sees to it that nobody writes meanwhile.
pub(super) async fn compare(
    servers: &Servers,
    truth: &Target,
    outcome: &mut Outcome,
    written: Phase,
    pages: &[String],
) {
    // The cached ones first: they must show it at once.
    let shown = all(&servers.targets, pages).await;
    let seen = servers.outage.phase();
    let truth = all(std::slice::from_ref(truth), pages).await;
    for (number, shown) in shown.into_iter().enumerate() {
        // Page after page of one server after the other.
        let (server, page) = (number / pages.len(), number % pages.len());
        match (shown, &truth[page]) {
            (Err(reason), _) => outcome.fail(reason),
            (_, Err(reason)) => outcome.fail(reason.clone()),
            (Ok(shown), Ok(truth)) => {
                let difference = difference(&content(&shown), &content(truth));
                let path = format!("{}{}", servers.targets[server].base, pages[page]);
                let older = difference.map(|difference| format!("{path} {difference}"));
                outcome.looked(written, seen, older);
            }
        }
    }
}

async fn all(targets: &[Target], pages: &[String]) -> Vec<Result<String, String>> {
    join_all(targets.iter().flat_map(|target| pages.iter().map(|page| get(target, page)))).await
}

/// What a page says, without the token of the session and without what the cache did for it.
fn content(page: &str) -> String {
    let above_the_foot = page.split("<footer>").next().unwrap_or_default();
    let mut parts = above_the_foot.split("name=\"csrf\" value=\"");
    let first = parts.next().unwrap_or_default();
    let others = parts.map(|part| part.split_once('"').map_or("", |(_token, rest)| rest));
    std::iter::once(first).chain(others).collect()
}

/// Where the first difference is, if there is one.
fn difference(shown: &str, truth: &str) -> Option<String> {
    if shown == truth {
        return None;
    }
    let same = shown.chars().zip(truth.chars()).take_while(|(shown, truth)| shown == truth).count();
    let around =
        |page: &str| -> String { page.chars().skip(same.saturating_sub(30)).take(80).collect() };
    Some(format!("does not show `{}` but `{}`", around(truth), around(shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_what_the_cache_did_are_no_content() {
        let page = |token: &str, name: &str, foot: &str| {
            let form = format!("<input name=\"csrf\" value=\"{token}\">");
            content(&format!("<p>{form}{name}</p>{form}<footer>{foot}</footer>"))
        };
        assert_eq!(page("a", "Ada", "hit"), page("b", "Ada", "miss"));
        let difference = difference(&page("a", "Ada", ""), &page("a", "Bea", "")).expect("one");
        assert!(difference.contains("Ada") && difference.contains("Bea"), "{difference}");
    }
}
