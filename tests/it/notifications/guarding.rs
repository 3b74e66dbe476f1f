//! Nothing is sent into the network that the gateway stands in.

use serde_json::json;
use tests::{World, on_every_backend};

use super::support::{ENDPOINT, endpoint_with, shown};
use crate::connecting::ask::mutate;

async fn refusal(world: &World, url: &str) -> serde_json::Value {
    let input = json!({ "url": url, "eventTypes": ["IMPORT_COMPLETED"] });
    let payload = mutate(world, "createNotificationEndpoint", ENDPOINT, input).await;
    assert_eq!(payload["endpoint"], json!(null), "{url} was taken");
    payload["errors"].clone()
}

on_every_backend! {
    async fn addresses_inside_are_refused_with_words(world: &World) {
        for (url, words) in [
            ("https://127.0.0.1/hooks", "public internet"),
            ("https://0x7f.1/", "public internet"),
            ("https://169.254.169.254/latest/meta-data/", "public internet"),
            ("https://[::ffff:10.0.0.1]/", "public internet"),
            ("https://[::1]:8443/", "public internet"),
            ("https://localhost/", "public internet"),
            ("https://metadata.google.internal/", "public internet"),
            ("http://partner.example/", "https"),
            ("ftp://partner.example/", "https"),
            ("https://user:pw@partner.example/", "user name"),
            ("https://partner.example:6379/", "443, 8443"),
        ] {
            let errors = refusal(world, url).await;
            assert_eq!(errors[0]["__typename"], "InvalidInputError", "{url}");
            assert_eq!(errors[0]["path"], json!(["input", "url"]));
            let message = errors[0]["message"].as_str().unwrap();
            assert!(message.contains(words), "{url}: {message}");
        }
        let listed = world.data("{ notificationEndpoints { id } }", json!({})).await;
        assert_eq!(listed["notificationEndpoints"], json!([]));
    }

    async fn an_update_is_held_to_the_same(world: &World) {
        let input = json!({ "url": "https://partner.example/hooks", "eventTypes": ["IMPORT_COMPLETED"] });
        let to = endpoint_with(world, input).await;

        let input = json!({ "endpointId": to.id, "url": "https://10.0.0.1/" });
        let payload = mutate(world, "updateNotificationEndpoint", ENDPOINT, input).await;

        assert_eq!(payload["errors"][0]["path"], json!(["input", "url"]));
        assert_eq!(shown(world, &to).await["url"], "https://partner.example/hooks");
    }
}
