//! The page over HTTP, without a browser: what it holds, what it tells, and whom it lets write.

use cached_core::{Cache, cached, invalidates};
use cached_dashboard::Dashboard;
use reqwest::StatusCode;
use serde_json::Value;

#[cached(key = "shown:<id>", tags = ["of:<id>"])]
async fn shown(id: u32) -> u32 {
    id
}

/// Nothing invalidates it.
#[allow(dead_code, reason = "it is there to be listed, not called")]
#[cached(key = "lonely:<id>")]
async fn lonely(id: u32) -> u32 {
    id
}

#[invalidates(shown(id), tags = ["of:<id>"])]
async fn change(id: u32) {}

/// Serves the page of a cache; its address.
async fn serve(cache: &Cache, change: impl FnOnce(Dashboard) -> Dashboard) -> String {
    let page = change(Dashboard::new(cache).title("<shop> & \"co\""));
    let app = axum::Router::new().nest("/cache", page.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/cache")
}

fn cache() -> Cache {
    Cache::builder().build().unwrap()
}

async fn text(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn json(url: &str) -> Value {
    serde_json::from_str(&text(url).await).unwrap()
}

#[tokio::test]
async fn the_page_stands_alone_and_draws_the_map() {
    let url = serve(&cache(), |page| page).await;
    let answer = reqwest::get(&url).await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = answer.text().await.unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(page.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "style and script");
    assert!(page.contains("<h1>&lt;shop&gt; &amp; &quot;co&quot;</h1>"), "the title is escaped");
    for place in
        ["{style}", "{script}", "{map}", "{writes}", "{title}", "src=\"http", "href=\"http"]
    {
        assert!(!page.contains(place), "{place}");
    }
    assert!(page.contains("<svg class=\"map\"") && page.contains("shown:&lt;id&gt;"));
    assert!(page.contains("nothing invalidates `lonely:&lt;id&gt;`"), "the audit's warning");
    assert!(page.contains("<g class=\"read lonely\">"));
    assert!(!page.contains("<form"), "read-only unless asked");
    assert_ne!(text(&url).await, page, "each page has a nonce of its own");
}

#[tokio::test]
async fn a_registry_can_be_narrowed_for_the_map() {
    let url = serve(&cache(), |page| page.registry(|all| all.by_lifetime("lonely:<id>"))).await;
    let map = json(&format!("{url}/map")).await;
    assert_eq!(map["warnings"], serde_json::json!([]));
    assert_eq!(map["cached"].as_array().unwrap().len(), 2);
    assert_eq!(map["edges"][0]["via"], "call");
}

#[tokio::test]
async fn a_snapshot_tells_counts_and_no_keys() {
    let cache = cache();
    let url = serve(&cache, |page| page).await;
    for _ in 0..3 {
        cache.scope(shown(7)).await;
    }
    let now = json(&format!("{url}/snapshot")).await;
    assert_eq!((&now["reads"], &now["hits"], &now["loads"]), (&3.into(), &2.into(), &1.into()));
    let template = &now["templates"][0];
    assert_eq!((&template["template"], &template["reads"]), (&"shown:<id>".into(), &3.into()));
    assert!(template["local"]["p99_us"].as_f64().unwrap() > 0.0);
    assert_eq!(now["events"][0]["kind"], "loaded");
    assert_eq!(now["hottest"], serde_json::json!([]));
    assert!(!now.to_string().contains("shown:7"), "{now}");
}

#[tokio::test]
async fn keys_are_shown_if_asked_for() {
    let cache = cache();
    let url = serve(&cache, |page| page.show_keys(true)).await;
    cache.scope(shown(7)).await;
    cache.scope(shown(7)).await;
    let now = json(&format!("{url}/snapshot")).await;
    assert_eq!(
        (&now["hottest"][0]["key"], &now["hottest"][0]["reads"]),
        (&"shown:7".into(), &2.into())
    );
}

/// The first watch decides what is gathered, and serves all who look: what another page asked for, this one does not tell.
#[tokio::test]
async fn a_page_without_keys_tells_none_though_another_one_does() {
    let cache = cache();
    let with = serve(&cache, |page| page.show_keys(true)).await;
    let without = serve(&cache, |page| page).await;
    cache.scope(shown(7)).await;
    let key = |now: &Value| now["events"][0]["key"].clone();
    assert_eq!(key(&json(&format!("{with}/snapshot")).await), "shown:7");
    let now = json(&format!("{without}/snapshot")).await;
    assert_eq!((key(&now), &now["events"][0]["kind"]), (Value::Null, &"loaded".into()));
    assert!(!now.to_string().contains("shown:7"), "{now}");
    let mut events = reqwest::get(format!("{without}/events")).await.unwrap();
    let mut told = String::new();
    while !told.contains("\n\n") {
        let chunk = events.chunk().await.unwrap().expect("the stream goes on");
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(told.contains("loaded") && !told.contains("shown:7"), "{told}");
}

#[tokio::test]
async fn events_tell_what_is_new_since_the_last() {
    let cache = cache();
    let url = serve(&cache, |page| page.every(std::time::Duration::from_millis(100))).await;
    cache.scope(shown(7)).await;
    let mut answer = reqwest::get(format!("{url}/events")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut received = String::new();
    let mut next = async || -> Value {
        loop {
            if let Some((event, rest)) = received.split_once("\n\n") {
                let told =
                    event.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap());
                received = rest.to_owned();
                if let Some(told) = told {
                    return told;
                }
            }
            let chunk = answer.chunk().await.unwrap().expect("the stream goes on");
            received.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    let first = next().await;
    assert_eq!((&first["reads"], first["events"].as_array().unwrap().len()), (&1.into(), 1));
    cache.scope(change(7)).await;
    cache.scope(shown(7)).await;
    // It may take several until both are told.
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        let told = next().await;
        kinds.extend(told["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()));
    }
    assert_eq!(kinds, ["invalidated", "invalidated", "loaded"]);
}

#[tokio::test]
async fn writes_need_consent_and_the_pages_token() {
    let cache = cache();
    let client = reqwest::Client::new();
    let wanted = r#"{"kind":"key","text":"shown:7"}"#;
    let post = |url: &str| {
        client
            .post(format!("{url}/invalidate"))
            .header("content-type", "application/json")
            .body(wanted)
    };
    let closed = serve(&cache, |page| page).await;
    assert_eq!(post(&closed).send().await.unwrap().status(), StatusCode::NOT_FOUND);

    let open = serve(&cache, |page| page.allow_writes(true)).await;
    let page = text(&open).await;
    let token =
        page.split("name=\"cached-token\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(token.len(), 64);
    cache.scope(shown(7)).await;
    assert_eq!(post(&open).send().await.unwrap().status(), StatusCode::FORBIDDEN, "no token");
    let wrong = post(&open).header("x-cached-token", "0".repeat(64));
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let elsewhere =
        post(&open).header("x-cached-token", token).header("sec-fetch-site", "cross-site");
    assert_eq!(elsewhere.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(cache.get::<u32>("shown:7").await, Some(7), "nothing was invalidated");
    let right = post(&open).header("x-cached-token", token).header("sec-fetch-site", "same-origin");
    let answer = right.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text().await.unwrap(), "invalidated in every tier");
    assert_eq!(cache.get::<u32>("shown:7").await, None);
}
