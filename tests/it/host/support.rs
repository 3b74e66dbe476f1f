//! A gateway that takes the tokens of an issuer.

use api::{app::NewTokenOrder, app::create_token, clock::Clock};
use serde_json::{Value, json};
use tests::{Answer, Backend, HostKey, Issuer, World, WorldOptions};

pub(super) const WHO: &str = "{ viewer { scopes workspace { name } token { id } } }";

/// A world beside an issuer, with settings.
pub(super) async fn world_of(issuer: &Issuer, more: &[(&'static str, &str)]) -> World {
    on(Backend::embedded(), issuer, more).await
}

/// The same on a backend.
pub(super) async fn on(backend: Backend, issuer: &Issuer, more: &[(&'static str, &str)]) -> World {
    let mut variables = issuer.variables();
    variables.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    let options = WorldOptions {
        variables,
        ..WorldOptions::default()
    };
    World::start(backend, options).await
}

/// An issuer of one key, and a world beside it.
pub(super) async fn usual(more: &[(&'static str, &str)]) -> (World, Issuer, HostKey) {
    let key = HostKey::p256("one");
    let issuer = Issuer::start(&[&key]).await;
    (world_of(&issuer, more).await, issuer, key)
}

/// The claims of a token that is taken: of the workspace "default", with every scope, for ten minutes.
pub(super) fn claims(world: &World, issuer: &Issuer) -> Value {
    let now = world.clock.now().timestamp();
    json!({
        "iss": issuer.url(), "aud": "inlet", "sub": "user-1", "iat": now, "exp": now + 600, "workspace": "default",
        "scope": "openid connections:read connections:write payments:read tokens:manage",
    })
}

/// The same with other claims; null takes a claim away.
pub(super) fn claims_with(world: &World, issuer: &Issuer, other: &Value) -> Value {
    let mut claims = claims(world, issuer);
    for (name, value) in other.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

pub(super) async fn who(world: &World, token: &str) -> Answer {
    world.ask_as(token, WHO, json!({})).await
}

/// Makes a workspace.
pub(super) async fn make_workspace(world: &World, name: &str) {
    let order = NewTokenOrder {
        workspace: name.to_owned(),
        name: "test".to_owned(),
        scopes: Vec::new(),
        expires_in: None,
    };
    create_token(&world.server.app, order).await.unwrap();
}
