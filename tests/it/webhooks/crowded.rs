//! Accounts with little room: sixteen endpoints fit.

use sandbox::AccountSpec;
use serde_json::json;
use tests::{World, on_every_backend};

use super::support::{HERE, Merchant, connect, look, rebuild, shop, standing, stripe_ids, text};

async fn crowd(world: &World, merchant: &Merchant, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for at in 0..count {
        let url = format!("https://elsewhere.example.com/{at}");
        ids.push(merchant.add(world, &url, &[]).await);
    }
    ids
}

on_every_backend! {
    async fn where_both_do_not_fit_the_old_one_goes_first(world: &World) {
        let shop = shop(world, "Shop").await;
        let old = shop.merchant.ids(world).await;
        let foreign = crowd(world, &shop.merchant, 15).await;

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(stripe_ids(&payload["removed"]), old);
        let left = shop.merchant.ids(world).await;
        assert_eq!(left.len(), 16);
        assert!(foreign.iter().all(|id| left.contains(id)));
        assert!(left.contains(&text(&payload["webhook"]["stripeId"])));
        assert_eq!(payload["connection"]["status"], "ACTIVE");
    }

    async fn an_account_without_room_connects_without_a_webhook(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        let foreign = crowd(world, &merchant, 16).await;

        let payload = connect(world, "Shop", &key, None).await;
        let id = text(&payload["connection"]["id"]);
        let import = world.imported(&id).await;
        let connection = standing(world, &id).await;
        let refused = rebuild(world, &id).await;
        look(world).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(connection["statusReason"], "WEBHOOK_MISSING");
        assert!(text(&connection["statusMessage"]).contains("no room"), "{connection:#}");
        assert_eq!(refused["errors"][0]["__typename"], "InvalidInputError");
        assert!(text(&refused["errors"][0]["message"]).contains("no room"), "{refused:#}");
        assert_eq!(merchant.ids(world).await.len(), 16);
        assert_eq!(standing(world, &id).await["statusReason"], "WEBHOOK_MISSING");

        merchant.delete(world, &foreign[3]).await;
        look(world).await;
        let mended = standing(world, &id).await;
        assert_eq!((&mended["status"], &mended["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
        assert_eq!(merchant.ids(world).await.len(), 16);
    }

    async fn an_account_full_of_our_old_ones_is_cleared(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        for at in 0..16 {
            merchant.add(world, &format!("{HERE}/webhooks/stripe/{at}"), &[]).await;
        }
        let connected = connect(world, "Shop", &key, None).await;
        let id = text(&connected["connection"]["id"]);

        let payload = rebuild(world, &id).await;

        assert_eq!(stripe_ids(&connected["errors"][0]["endpoints"]).len(), 16);
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(stripe_ids(&payload["removed"]).len(), 16);
        assert_eq!(merchant.ids(world).await, [text(&payload["webhook"]["stripeId"])]);
    }
}
