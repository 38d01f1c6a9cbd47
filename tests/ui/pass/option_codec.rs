//! `codec`: how this function's values are written in the shared tier, whatever the cache writes.

use cached_core::remote::transport::{Command, Memory, Reply, Transport};
use cached_core::{Cache, Codec, cached};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Course {
    title: String,
}

fn course(id: u32) -> Course {
    Course { title: format!("course {id}") }
}

#[cached(key = "readable:<id>", codec = Codec::Json)]
async fn readable(id: u32) -> Course {
    course(id)
}

#[cached(key = "small:<id>", codec = Codec::Postcard)]
async fn small(id: u32) -> Result<Course, std::io::Error> {
    Ok(course(id))
}

#[cached(key = "many:<ids>", batch = ids, codec = Codec::Postcard)]
async fn many(ids: &[u32]) -> HashMap<u32, Course> {
    ids.iter().map(|id| (*id, course(*id))).collect()
}

#[cached(key = "usual:<id>")]
async fn usual(id: u32) -> Course {
    course(id)
}

/// Any expression will do, also one that names arguments.
struct Repo {
    codec: Codec,
}

impl Repo {
    #[cached(key = "chosen:<id>", codec = self.codec, timeout = "1m")]
    async fn chosen(&self, id: u32) -> Result<Course, std::io::Error> {
        Ok(course(id))
    }
}

/// Whether a key's entry is written with names, as JSON and MessagePack have them.
async fn has_names(server: &Memory, key: &str) -> bool {
    let get = Command::new("GET").arg(format!("cached:k:{key}"));
    match server.pipeline(vec![get]).await.unwrap().remove(0) {
        Reply::Bytes(stored) => stored.windows(5).any(|bytes| bytes == b"title"),
        other => panic!("{key}: {other:?}"),
    }
}

pub(crate) async fn run() {
    let server = Memory::default();
    let cache = |codec| Cache::builder().transport(server.clone()).codec(codec).build().unwrap();
    let (writer, reader) = (cache(Codec::Postcard), cache(Codec::Json));
    let reads = async || {
        let repo = Repo { codec: Codec::MessagePack };
        let many = many(&[7]).await.remove(&7).unwrap();
        let usual = usual(7).await;
        [readable(7).await, small(7).await.unwrap(), many, usual, repo.chosen(7).await.unwrap()]
    };
    assert_eq!(writer.scope(reads()).await, [7; 5].map(course));
    for (key, names) in [
        ("readable:7", true),
        ("small:7", false),
        ("many:7", false),
        ("usual:7", false),
        ("chosen:7", true),
    ] {
        assert_eq!(has_names(&server, key).await, names, "{key}");
    }
    // Whoever reads asks the entry how it is written.
    assert_eq!(reader.scope(reads()).await, [7; 5].map(course));
    assert_eq!((reader.stats().remote_hits, reader.stats().undecodable), (5, 0));
}
