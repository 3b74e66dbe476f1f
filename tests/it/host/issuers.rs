//! Answers of the issuer that are not believed.

use chrono::TimeDelta;
use serde_json::json;
use tests::{HostKey, Issuer, World};

use super::support::{claims, who, world_of};

/// A world beside an issuer whose keys were not taken yet.
async fn beginning(key: &HostKey) -> (World, Issuer) {
    let issuer = Issuer::start(&[key]).await;
    issuer.answer(Some((500, &[], String::new())));
    let world = world_of(&issuer, &[]).await;
    let token = key.sign(&claims(&world, &issuer));
    assert_eq!(who(&world, &token).await.status, 503);
    issuer.answer(None);
    (world, issuer)
}

/// The status of an answer to a good token, once the issuer is asked again.
async fn again(world: &World, issuer: &Issuer, key: &HostKey) -> u16 {
    world.clock.advance(TimeDelta::seconds(31));
    who(world, &key.sign(&claims(world, issuer)))
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn documents_that_are_not_the_issuers_are_not_believed() {
    let key = HostKey::p256("one");
    let (world, issuer) = beginning(&key).await;
    let (own, jwks) = (issuer.url(), format!("{}/jwks", issuer.url()));
    for (name, value) in [
        ("issuer", format!("{own}/")),
        ("issuer", "https://evil.example".to_owned()),
        ("jwks_uri", "file:///etc/passwd".to_owned()),
        ("jwks_uri", jwks.replace("127.0.0.1", "127.0.0.2")),
        ("jwks_uri", jwks.replace("127.0.0.1", "169.254.169.254")),
        ("jwks_uri", "/tenant/jwks".to_owned()),
        ("jwks_uri", format!("{own}/nothing")),
    ] {
        issuer.tell(name, &value);
        assert_eq!(again(&world, &issuer, &key).await, 503, "{name} {value}");
        issuer.tell("issuer", &own);
        issuer.tell("jwks_uri", &jwks);
    }
    assert_eq!(again(&world, &issuer, &key).await, 200);
    world.end().await;
}

#[tokio::test]
async fn keys_that_are_not_as_they_should_be_are_not_taken() {
    let key = HostKey::p256("one");
    let (world, issuer) = beginning(&key).await;
    let elsewhere = Issuer::start(&[&key]).await;
    let redirect = [("location", format!("{}/jwks", elsewhere.url()))];
    let large = json!({ "keys": [key.public()], "more": "x".repeat(300_000) }).to_string();
    for (status, headers, body) in [
        (302, &redirect[..], String::new()),
        (307, &redirect[..], String::new()),
        (404, &[][..], String::new()),
        (200, &[][..], large),
        (200, &[][..], "<html>".to_owned()),
        (200, &[][..], "[]".to_owned()),
        (200, &[][..], r#"{"keys":{}}"#.to_owned()),
        (200, &[][..], r#"{"keys":[]}"#.to_owned()),
    ] {
        issuer.answer(Some((status, headers, body)));
        assert_eq!(again(&world, &issuer, &key).await, 503, "{status}");
    }
    assert_eq!(elsewhere.asked(), 0, "a redirect was followed");
    issuer.answer(None);

    // Keys of other kinds stand beside good ones, and are passed over.
    let mut encrypts = key.public();
    encrypts["use"] = "enc".into();
    let shared = json!({ "kty": "oct", "kid": "one", "k": "AAAA" });
    issuer.publish_raw(json!({ "keys": [shared, encrypts] }));
    assert_eq!(again(&world, &issuer, &key).await, 503);
    let more =
        json!([7, {}, shared, encrypts, { "kty": "EC", "crv": "P-521", "kid": "x" }, key.public()]);
    issuer.publish_raw(json!({ "keys": more }));
    assert_eq!(again(&world, &issuer, &key).await, 200);
    world.end().await;
}

#[tokio::test]
async fn keys_may_be_where_the_operator_says() {
    let key = HostKey::p256("one");
    let issuer = Issuer::start(&[&key]).await;
    issuer.tell("issuer", "not asked");
    let url = format!("{}/jwks", issuer.url());
    let world = world_of(&issuer, &[("INLET_HOST__JWKS_URL", &url)]).await;

    let answer = who(&world, &key.sign(&claims(&world, &issuer))).await;

    assert_eq!(answer.status, 200, "{:#}", answer.body);
    world.end().await;
}
