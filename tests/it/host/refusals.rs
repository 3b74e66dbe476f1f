//! Tokens that are not taken, and what is said of them.

use api::clock::Clock;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::{HostKey, Issuer, Socket, World};

use super::support::{WHO, claims, claims_with, usual, who, world_of};
use crate::edge::{code, message};

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Refused over HTTP, on a stream and on a socket, with these words.
async fn refused(world: &World, token: &str, status: u16, words: &str) {
    let answer = who(world, token).await;
    let expected = if status == 403 {
        "FORBIDDEN"
    } else {
        "UNAUTHENTICATED"
    };
    assert_eq!(
        answer.status,
        StatusCode::from_u16(status).unwrap(),
        "{words}: {:#}",
        answer.body
    );
    assert_eq!(code(&answer.body), expected, "{words}");
    assert!(
        message(&answer.body).contains(words),
        "{words}: {:#}",
        answer.body
    );
    assert!(!answer.body.to_string().contains("user-1"));

    let stream = world
        .http
        .post(world.url("/graphql/stream"))
        .bearer_auth(token);
    let stream = stream
        .header("accept", "text/event-stream")
        .json(&json!({ "query": WHO }));
    assert_eq!(world.send(stream).await.status, answer.status, "{words}");

    let mut socket = Socket::open(&world.url("/graphql/ws")).await;
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket
        .send(json!({ "type": "connection_init", "payload": payload }))
        .await;
    let closed = socket.next().await.unwrap_err().expect("a close frame");
    assert_eq!(u16::from(closed.code), 4403, "{words}");
    assert!(closed.reason.contains(words), "{words}: {closed}");
}

#[tokio::test]
async fn claims_that_are_wrong_are_named() {
    let (world, issuer, key) = usual(&[]).await;
    let now = world.clock.now().timestamp();
    for (other, status, words) in [
        (
            json!({ "iss": format!("{}/", issuer.url()) }),
            401,
            "another issuer",
        ),
        (json!({ "iss": null }), 401, "another issuer"),
        (json!({ "iss": [issuer.url()] }), 401, "another issuer"),
        (json!({ "aud": "inlet2" }), 401, "another audience"),
        (json!({ "aud": ["INLET"] }), 401, "another audience"),
        (json!({ "aud": null }), 401, "another audience"),
        (json!({ "exp": null }), 401, "exp"),
        (json!({ "exp": (now + 600).to_string() }), 401, "exp"),
        (json!({ "exp": -1 }), 401, "exp"),
        (json!({ "exp": 1e300 }), 401, "exp"),
        (json!({ "exp": now - 61 }), 401, "expired"),
        (json!({ "exp": 0 }), 401, "expired"),
        (json!({ "nbf": now + 90 }), 401, "not valid yet"),
        (json!({ "nbf": "now" }), 401, "not valid yet"),
        (json!({ "sub": null }), 401, "sub"),
        (json!({ "sub": "" }), 401, "sub"),
        (json!({ "sub": "u".repeat(256) }), 401, "sub"),
        (json!({ "sub": 7 }), 401, "sub"),
        (json!({ "workspace": null }), 401, "workspace"),
        (json!({ "workspace": ["default"] }), 401, "workspace"),
        (
            json!({ "workspace": "nowhere" }),
            403,
            "no workspace that exists",
        ),
        (
            json!({ "workspace": "' OR 1=1 --" }),
            403,
            "no workspace that exists",
        ),
        (
            json!({ "workspace": "defaul_" }),
            403,
            "no workspace that exists",
        ),
    ] {
        refused(
            &world,
            &key.sign(&claims_with(&world, &issuer, &other)),
            status,
            words,
        )
        .await;
    }
    // Clocks may differ by a minute.
    for near in [
        json!({ "exp": now - 30 }),
        json!({ "nbf": now + 30 }),
        serde_json::from_str(&format!("{{\"exp\":{now}.5}}")).unwrap(),
    ] {
        let token = key.sign(&claims_with(&world, &issuer, &near));
        assert_eq!(who(&world, &token).await.status, 200, "{near}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_the_issuer_did_not_sign_is_refused() {
    let key = HostKey::p256("e");
    let rsa = HostKey::rsa("r", "RS256");
    let issuer = Issuer::start(&[&key, &rsa]).await;
    let world = world_of(&issuer, &[]).await;
    let good = claims(&world, &issuer);
    let token = key.sign(&good);
    let parts: Vec<_> = token.split('.').collect();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    let other_claims = encode(&claims_with(&world, &issuer, &json!({ "sub": "root" })).to_string());
    let unsigned = encode(&header("none", "e").to_string());

    for (token, words) in [
        (HostKey::p256("e").sign(&good), "signature"),
        (
            format!("{}.{other_claims}.{}", parts[0], parts[2]),
            "signature",
        ),
        (format!("{}.{}.", parts[0], parts[1]), "signature"),
        (
            format!("{}.{}.{}", parts[0], parts[1], &parts[2][..80]),
            "signature",
        ),
        (
            format!("{unsigned}.{}.", parts[1]),
            "RS256, PS256, ES256 or EdDSA",
        ),
        (
            key.sign_with(&header("HS256", "e"), &good),
            "RS256, PS256, ES256 or EdDSA",
        ),
        (
            key.sign_with(&header("none", "e"), &good),
            "RS256, PS256, ES256 or EdDSA",
        ),
        (
            key.sign_with(&header("es256", "e"), &good),
            "RS256, PS256, ES256 or EdDSA",
        ),
        // The algorithm must fit the key that the token names.
        (
            key.sign_with(&header("RS256", "e"), &good),
            "does not publish",
        ),
        (
            rsa.sign_with(&header("ES256", "r"), &good),
            "does not publish",
        ),
        (rsa.sign_with(&header("PS256", "r"), &good), "signature"),
        (
            key.sign_with(&header("ES256", "x"), &good),
            "does not publish",
        ),
        (
            key.sign_with(
                &json!({ "alg": "ES256", "kid": "e", "crit": ["exp"] }),
                &good,
            ),
            "not a signed",
        ),
        (
            key.sign_with(
                &json!({ "alg": "ES256", "kid": "e", "typ": "logout+jwt" }),
                &good,
            ),
            "not a signed",
        ),
        (key.sign_with(&json!({ "kid": "e" }), &good), "not a signed"),
        (
            key.sign_with(&header("ES256", "e"), &json!("claims")),
            "another issuer",
        ),
    ] {
        refused(&world, &token, 401, words).await;
    }
    assert_eq!(who(&world, &token).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn what_only_looks_like_a_token_is_told_so() {
    let (world, issuer, key) = usual(&[]).await;
    let token = key.sign(&claims(&world, &issuer));
    let signature = token.rsplit('.').next().unwrap();

    for wrong in [
        "eyJ.x".to_owned(),
        "ey..".to_owned(),
        format!("{token}."),
        format!("{token}=="),
        format!("{token}.{signature}"),
    ] {
        refused(&world, &wrong, 401, "not a signed").await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_token_that_names_no_key_is_taken_where_only_one_can_be_meant() {
    let key = HostKey::p256("e");
    let rsa = HostKey::rsa("r", "RS256");
    let issuer = Issuer::start(&[&key, &rsa]).await;
    let world = world_of(&issuer, &[]).await;
    let good = claims(&world, &issuer);
    let header = json!({ "alg": "ES256" });

    let nameless = key.sign_with(&header, &good);
    assert_eq!(who(&world, &nameless).await.status, 200);
    let (one, other) = (HostKey::p256("a"), HostKey::p256("b"));
    issuer.publish(&[&one, &other]);
    world.clock.advance(chrono::TimeDelta::seconds(31));
    assert_eq!(who(&world, &one.sign(&good)).await.status, 200);
    let nameless = one.sign_with(&header, &good);
    refused(&world, &nameless, 401, "does not publish").await;
    world.end().await;
}

#[tokio::test]
async fn tokens_that_are_too_long_are_not_looked_at() {
    let (world, issuer, key) = usual(&[]).await;
    let long = |bytes: usize| {
        key.sign(&claims_with(
            &world,
            &issuer,
            &json!({ "more": "x".repeat(bytes) }),
        ))
    };

    assert_eq!(who(&world, &long(5_000)).await.status, 200);
    let answer = who(&world, &long(7_000)).await;
    assert_eq!(answer.status, 401, "{:#}", answer.body);
    world.end().await;
}

#[tokio::test]
async fn without_an_issuer_no_such_token_is_taken() {
    let key = HostKey::p256("one");
    let issuer = Issuer::start(&[&key]).await;
    let options = tests::WorldOptions::default();
    let world = World::start(tests::Backend::embedded(), options).await;

    let answer = who(&world, &key.sign(&claims(&world, &issuer))).await;

    assert_eq!(
        (answer.status, code(&answer.body)),
        (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED")
    );
    assert!(message(&answer.body).contains("inl_"));
    assert_eq!(answer.body.get("data"), None::<&Value>);
    assert_eq!(issuer.asked(), 0);
    world.end().await;
}
