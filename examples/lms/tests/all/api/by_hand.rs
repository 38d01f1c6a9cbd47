//! The cache by hand, where it must be as careful as the annotations for the comparison to be fair.

use cached_core::{Cache, bypass_scope};
use cached_testkit::RedisServer;
use lms::ids;
use lms::service::{ByHand, Services};

use crate::support::app::filled;

#[tokio::test]
async fn a_login_by_hand_ends_at_once_and_its_token_is_not_in_redis() {
    let (database, redis) = (filled().await, RedisServer::start().expect("a Redis"));
    let hand = ByHand::connect(&redis.url(), "lms", database.pool.clone()).await;
    let hand = hand.expect("a connection");
    let unused = Cache::builder().build().expect("a cache");
    let services = Services::new(database.pool.clone(), unused).by_hand(hand);
    bypass_scope(async {
        let token = services.log_in(ids::admin()).await.expect("a login");
        let known = services.session(&token).await.expect("a database");
        assert_eq!(known.expect("a session").user_id, ids::admin());
        let keys = redis.cli(&["KEYS", "*"]);
        assert!(keys.starts_with("lms:hand:session:") && !keys.contains(&token), "{keys}");
        services.log_out(&token).await.expect("a logout");
        assert_eq!(services.session(&token).await.expect("a database"), None);
    })
    .await;
}
