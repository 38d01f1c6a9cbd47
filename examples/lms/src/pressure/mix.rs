//! What is asked for: pages by their share, people and courses by Zipf's law.

use fastrand::Rng;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::repository::{Offer, Person};

/// The kinds of pages, with their share of the reads in percent.
pub(super) const PAGES: [(&str, u32); 6] = [
    ("student dashboard", 42),
    ("course details", 25),
    ("course list", 15),
    ("student courses", 10),
    ("teacher dashboard", 7),
    ("admin dashboard", 1),
];

/// Who and what there is, and who of them is how popular.
#[derive(Debug)]
pub struct World {
    pub(super) people: Vec<Person>,
    pub(super) offers: Vec<Offer>,
    person_rank: Zipf,
    offer_rank: Zipf,
    /// Held while somebody changes a student or a course, and until the change has been looked at.
    pub(super) person_locks: Vec<Mutex<Option<(Uuid, bool)>>>,
    pub(super) offer_locks: Vec<Mutex<()>>,
}

impl World {
    /// With popularity that falls as `1 / rank^skew`.
    ///
    /// # Panics
    ///
    /// If there is nobody or no course.
    pub fn new(people: Vec<Person>, offers: Vec<Offer>, skew: f64) -> Self {
        assert!(!people.is_empty() && !offers.is_empty(), "a load needs students and courses");
        Self {
            person_rank: Zipf::new(people.len(), skew),
            offer_rank: Zipf::new(offers.len(), skew),
            person_locks: people.iter().map(|_| Mutex::new(None)).collect(),
            offer_locks: offers.iter().map(|_| Mutex::new(())).collect(),
            people,
            offers,
        }
    }

    pub(super) fn person(&self, rng: &mut Rng) -> usize {
        self.person_rank.pick(rng)
    }

    pub(super) fn offer(&self, rng: &mut Rng) -> usize {
        self.offer_rank.pick(rng)
    }

    /// Kind and path of some page.
    pub(super) fn page(&self, rng: &mut Rng) -> (usize, String) {
        let mut share = rng.u32(..100);
        let mut kind = 0;
        while share >= PAGES[kind].1 {
            share -= PAGES[kind].1;
            kind += 1;
        }
        let (person, offer) = (&self.people[self.person(rng)], &self.offers[self.offer(rng)]);
        let path = match kind {
            0 => format!("/students/{}", person.id),
            1 => format!("/courses/{}", offer.id),
            2 if rng.bool() => "/courses".to_owned(),
            2 => format!("/courses?search={}", offer.code),
            3 => format!("/students/{}/courses", person.id),
            4 => format!("/teachers/{}", offer.teacher_id),
            _ => "/admin".to_owned(),
        };
        (kind, path)
    }
}

/// Ranks by Zipf's law, by inversion of the cumulated weights.
#[derive(Debug)]
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        let weights = (1..=ranks).map(|rank| {
            sum += 1.0 / (rank as f64).powf(skew);
            sum
        });
        Self(weights.collect())
    }

    fn pick(&self, rng: &mut Rng) -> usize {
        let all = self.0.last().copied().unwrap_or_default();
        let point = rng.f64() * all;
        self.0.partition_point(|sum| *sum <= point).min(self.0.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rank_is_twice_as_popular_as_the_second() {
        let (zipf, mut rng) = (Zipf::new(1000, 1.0), Rng::with_seed(7));
        let mut counts = [0_u32; 1000];
        for _ in 0..200_000 {
            counts[zipf.pick(&mut rng)] += 1;
        }
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
        assert!(counts[999] > 0);
    }

    #[test]
    fn shares_are_all_there_is() {
        assert_eq!(PAGES.iter().map(|(_, share)| share).sum::<u32>(), 100);
    }
}
