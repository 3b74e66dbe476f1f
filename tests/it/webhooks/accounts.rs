//! Two workspaces that connect one account keep their own webhooks.

use api::app::{NewTokenOrder, create_token};
use sandbox::AccountSpec;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{Merchant, look, rebuild, stripe_ids, text};

async fn connect_elsewhere(world: &World, key: &str) -> (String, Value) {
    let order = NewTokenOrder {
        workspace: "Other".to_owned(),
        name: "made by the operator".to_owned(),
        scopes: Vec::new(),
        expires_in: None,
    };
    let token = create_token(&world.server.app, order).await.unwrap();
    let token = token.expose_secret().to_owned();
    let query = "mutation($input: ConnectWithApiKeyInput!) { connectWithApiKey(input: $input) {
        connection { id webhook { status stripeId } } errors { message } } }";
    let input = json!({ "input": { "name": "Theirs", "apiKey": key } });
    let mut answer = world.ask_as(&token, query, input).await.body;
    (token, answer["data"]["connectWithApiKey"].take())
}

on_every_backend! {
    async fn neither_is_in_the_others_way(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        let mine = world.connect("Mine", &key).await;

        let (token, theirs) = connect_elsewhere(world, &key).await;
        let rebuilt = rebuild(world, &mine).await;
        look(world).await;

        assert_eq!(theirs["errors"], json!([]));
        let their_endpoint = text(&theirs["connection"]["webhook"]["stripeId"]);
        assert_eq!(stripe_ids(&rebuilt["removed"]).len(), 1);
        assert!(!stripe_ids(&rebuilt["removed"]).contains(&their_endpoint));
        let left = merchant.ids(world).await;
        assert_eq!(left.len(), 2);
        assert!(left.contains(&their_endpoint));
        let query = "{ connections { nodes { status webhook { status stripeId } } } }";
        for token in [&token, &world.token] {
            let seen = world.ask_as(token, query, json!({})).await.body;
            let nodes = seen["data"]["connections"]["nodes"].as_array().unwrap().clone();
            assert_eq!(nodes.len(), 1);
            assert_eq!((&nodes[0]["status"], &nodes[0]["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
            assert!(left.contains(&text(&nodes[0]["webhook"]["stripeId"])));
        }
    }

    async fn anothers_connection_cannot_be_rebuilt(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(3));
        let (_, theirs) = connect_elsewhere(world, &key).await;

        let payload = rebuild(world, &text(&theirs["connection"]["id"])).await;

        assert_eq!(payload["errors"][0]["__typename"], "NotFoundError");
    }
}
