//! The REST front answers Upstash' own client, and our transport asks as that client does: both against what was
//! recorded from it (`cargo xtask record-upstash`).

use cached_core::Cache;
use cached_testkit::{Exchange, RedisServer, RestFront, eventually};
use std::collections::BTreeSet;
use std::time::Duration;

fn recorded() -> Vec<Exchange> {
    serde_json::from_str(include_str!("../fixtures/upstash/official_client.json")).unwrap()
}

/// A run from the beginning, so that Redis holds what it held then.
#[tokio::test]
async fn each_recorded_request_is_answered_as_it_was() {
    let redis = RedisServer::start().unwrap();
    let front = RestFront::start(&redis).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for exchange in recorded() {
        let method = exchange.method.parse().unwrap();
        let mut request = client.request(method, format!("{}{}", front.url(), exchange.path));
        for (name, value) in &exchange.headers {
            request = request.header(name, value.replace("<token>", front.token()));
        }
        let response = request.body(exchange.body.to_string()).send().await.unwrap();
        let token = response.headers().get("upstash-sync-token");
        let token = token.map(|token| token.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let answer: serde_json::Value = response.json().await.unwrap();
        let of = &exchange.body;
        assert_eq!(
            (status, token, answer),
            (exchange.status, exchange.sync_token, exchange.answer),
            "{of}"
        );
    }
    assert!(front.exchanges().len() >= 30, "the client asked for more than a few things");
}

/// Path, method, headers and the shape of a body: an array of arrays of text.
#[tokio::test]
async fn our_transport_asks_as_the_official_client_does() {
    let redis = RedisServer::start().unwrap();
    let front = RestFront::start(&redis).unwrap();
    let cache = Cache::builder().upstash(front.url(), front.token()).build().unwrap();
    cache.set("k", 1, Duration::from_secs(60)).await;
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    let manners = |exchange: &Exchange| {
        let names: Vec<_> = exchange.headers.keys().cloned().collect();
        let authorization = exchange.headers.get("authorization").cloned();
        let content_type = exchange.headers.get("content-type").cloned();
        let encoding = exchange.headers.get("upstash-encoding").cloned();
        (
            exchange.method.clone(),
            exchange.path.clone(),
            names,
            authorization,
            content_type,
            encoding,
        )
    };
    let recorded = recorded();
    let pipelines = recorded.iter().filter(|exchange| exchange.path == "/pipeline");
    let theirs: BTreeSet<_> = pipelines.map(manners).collect();
    let ours = front.exchanges();
    assert!(!theirs.is_empty() && ours.len() >= 3);
    for exchange in ours {
        assert!(theirs.contains(&manners(&exchange)), "{exchange:?}");
        let commands = exchange.body.as_array().unwrap();
        let texts = |command: &serde_json::Value| {
            command.as_array().is_some_and(|parts| parts.iter().all(serde_json::Value::is_string))
        };
        assert!(commands.iter().all(texts), "{exchange:?}");
    }
}
