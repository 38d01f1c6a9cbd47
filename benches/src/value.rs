//! What is cached in every workload: a structure of about 1 KiB, and ids to ask for it.

use hitbox_fn::CacheableResponse;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A course of a learning-management system: two allocations, 1 KiB with its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, CacheableResponse)]
pub(crate) struct Course {
    pub(crate) id: Uuid,
    pub(crate) teacher_id: Uuid,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) students: u32,
    pub(crate) active: bool,
}

impl Course {
    /// As a query would bring it.
    pub(crate) fn load(id: Uuid) -> Self {
        Self {
            id,
            teacher_id: Uuid::from_u128(id.as_u128() >> 7),
            title: format!("Course {}", id.as_fields().0),
            text: "All that is to be known of it. ".repeat(30),
            students: id.as_fields().0 % 500,
            active: true,
        }
    }
}

/// The id of a number: the same in every run, spread like a random one.
pub(crate) fn id(number: u64) -> Uuid {
    let mut random = fastrand::Rng::with_seed(number);
    uuid::Builder::from_random_bytes(random.u128(..).to_le_bytes()).into_uuid()
}

pub(crate) fn ids(count: u64) -> Vec<Uuid> {
    (0..count).map(id).collect()
}
