//! A closure over the returned value uses an argument that the body takes and that cannot be copied.

use cached_core::{Invalidation, invalidates, key};

struct Course {
    id: u32,
}

fn course_changed(id: u32) -> Invalidation {
    Invalidation::new().key(key!("course:<id>"))
}

#[invalidates(with = |_| course_changed(course.id))]
async fn save(course: Course) -> u32 {
    drop(course);
    1
}

#[invalidates(with = |_| courses.iter().fold(Invalidation::new(), |all, id| all.and(course_changed(*id))))]
async fn save_all(courses: &mut Vec<u32>) -> u32 {
    courses.clear();
    1
}

fn main() {}
