//! The floor: redis-rs' multiplexed connection, which pipelines what its callers ask at a time, and serde_json.

use crate::callers::Concurrent;
use crate::value::Course;
use redis::AsyncCommands;
use tokio::runtime::Runtime;

pub(super) fn variant(runtime: &Runtime, url: &str) -> Concurrent {
    let client = redis::Client::open(url).expect("a URL");
    let connection =
        runtime.block_on(client.get_multiplexed_async_connection()).expect("a connection");
    Concurrent::new("redis-rs: `GET` on one connection + serde_json", move |id| {
        let mut connection = connection.clone();
        async move {
            let key = format!("bare:{id}");
            let found: Option<Vec<u8>> = connection.get(&key).await.expect("an answer");
            match found {
                Some(bytes) => serde_json::from_slice(&bytes).expect("a course"),
                None => {
                    let course = Course::load(id);
                    let bytes = serde_json::to_vec(&course).expect("JSON");
                    let () = connection.set_ex(key, bytes, 86_400).await.expect("an answer");
                    course
                }
            }
        }
    })
}
