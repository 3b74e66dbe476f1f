//! The issuer's keys: kept, fetched again, and good for a while without the issuer.

use chrono::TimeDelta;
use serde_json::json;
use tests::{HostKey, Issuer, World};

use super::support::{claims_with, usual, who, world_of};
use crate::edge::code;

/// A token of a key that is good for a day.
fn lasting(world: &World, issuer: &Issuer, key: &HostKey) -> String {
    let end = claims_with(world, issuer, &json!({}))["iat"]
        .as_i64()
        .unwrap()
        + 86_400;
    key.sign(&claims_with(world, issuer, &json!({ "exp": end })))
}

async fn status(world: &World, token: &str) -> u16 {
    who(world, token).await.status.as_u16()
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_an_old_one_is_forgotten() {
    let (world, issuer, old) = usual(&[]).await;
    let new = HostKey::ed25519("two");
    let (before, after) = (
        lasting(&world, &issuer, &old),
        lasting(&world, &issuer, &new),
    );
    assert_eq!(status(&world, &before).await, 200);

    issuer.publish(&[&old, &new]);
    world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(status(&world, &after).await, 200);
    assert_eq!(status(&world, &before).await, 200);
    issuer.publish(&[&new]);
    let unknown = lasting(&world, &issuer, &HostKey::p256("three"));
    world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(status(&world, &unknown).await, 401);
    assert_eq!(status(&world, &before).await, 401);
    assert_eq!(status(&world, &after).await, 200);
    world.end().await;
}

#[tokio::test]
async fn unknown_keys_make_one_question_in_a_while_however_many_tokens_have_them() {
    let (world, issuer, key) = usual(&[]).await;
    assert_eq!(status(&world, &lasting(&world, &issuer, &key)).await, 200);
    let asked = issuer.asked();

    let flood = |round: i64| {
        let tokens: Vec<_> = (0..20)
            .map(|number| {
                lasting(
                    &world,
                    &issuer,
                    &HostKey::ed25519(&format!("{round}-{number}")),
                )
            })
            .collect();
        let world = &world;
        async move {
            let answers = tokens.iter().map(|token| status(world, token));
            futures_util::future::join_all(answers).await
        }
    };
    assert_eq!(flood(0).await, [401; 20]);
    assert_eq!(issuer.asked(), asked);
    for round in 1..4 {
        world.clock.advance(TimeDelta::seconds(31));
        assert_eq!(flood(round).await, [401; 20]);
        assert_eq!(issuer.asked() - asked, usize::try_from(round).unwrap());
    }
    world.end().await;
}

#[tokio::test]
async fn keys_serve_for_a_limited_time_while_the_issuer_is_away() {
    let (world, issuer, key) = usual(&[]).await;
    let token = lasting(&world, &issuer, &key);
    assert_eq!(status(&world, &token).await, 200);

    issuer.answer(Some((500, &[], "down".to_owned())));
    world.clock.advance(TimeDelta::hours(3));
    assert_eq!(status(&world, &token).await, 200);
    // Whether this key is good nobody can tell now.
    let new = HostKey::p256("two");
    assert_eq!(status(&world, &lasting(&world, &issuer, &new)).await, 503);
    world.clock.advance(TimeDelta::hours(2));
    let refused = who(&world, &token).await;
    assert_eq!(
        (refused.status.as_u16(), code(&refused.body)),
        (503, "UNAVAILABLE")
    );
    // Those who have API tokens notice nothing.
    assert_eq!(status(&world, &world.token).await, 200);

    issuer.answer(None);
    world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(status(&world, &token).await, 200);
    world.end().await;
}

#[tokio::test]
async fn a_gateway_starts_without_its_issuer_and_takes_its_tokens_once_it_is_there() {
    let key = HostKey::p256("one");
    let issuer = Issuer::start(&[&key]).await;
    issuer.answer(Some((503, &[], String::new())));
    let world = world_of(&issuer, &[]).await;
    let token = lasting(&world, &issuer, &key);

    assert_eq!(status(&world, &world.token).await, 200);
    assert_eq!(status(&world, &token).await, 503);
    let ready = world.send(world.http.get(world.url("/readyz"))).await;
    assert_eq!(ready.status, 200, "{:#}", ready.body);
    let mut socket = tests::Socket::open(&world.url("/graphql/ws")).await;
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket
        .send(json!({ "type": "connection_init", "payload": payload }))
        .await;
    // Clients come again after this code.
    assert_eq!(socket.closed().await, Some(1013));

    issuer.answer(None);
    world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(status(&world, &token).await, 200);
    world.end().await;
}

#[tokio::test]
async fn keys_are_fetched_now_and_then_without_being_asked_for() {
    let often = [("INLET_HOST__KEYS_REFRESH_SECONDS", "1")];
    let (world, issuer, key) = usual(&often).await;
    let token = lasting(&world, &issuer, &key);
    assert_eq!(status(&world, &token).await, 200);

    // The key is withdrawn: nobody asks for another one, and yet it is not taken any more.
    issuer.publish(&[&HostKey::p256("two")]);
    let withdrawn = async {
        while status(&world, &token).await == 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let withdrawn = tokio::time::timeout(std::time::Duration::from_secs(30), withdrawn).await;
    withdrawn.expect("the key is not taken any more");
    world.end().await;
}
