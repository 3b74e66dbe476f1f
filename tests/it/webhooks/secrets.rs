//! The secrets of webhooks: found by connection, sealed at rest, shown to nobody.

use api::clock::Clock;
use chrono::TimeDelta;
use sandbox::AccountSpec;
use secrecy::ExposeSecret;
use serde_json::json;
use tests::on_every_backend;

use super::support::{connect, count, execute, inner, shop, standing, text, workspace};

on_every_backend! {
    async fn a_connection_knows_its_secret_workspace_account_and_mode(world: &World) {
        let shop = shop(world, "Shop").await;
        let gateway = &world.server.app.gateway;

        let found = gateway.webhook_secrets(inner(&shop.connection)).await.unwrap().unwrap();
        let unknown = gateway.webhook_secrets(api::ids::ConnectionId(uuid::Uuid::nil())).await.unwrap();

        assert_eq!(found.connection, inner(&shop.connection));
        assert_eq!(found.stripe_account_id, Some(shop.account));
        assert!(!found.livemode);
        let [secret] = &found.secrets[..] else { panic!("{}", found.secrets.len()) };
        assert!(secret.expose_secret().starts_with("whsec_"));
        assert!(unknown.is_none());
        assert!(!format!("{found:?}").contains("whsec_"));
    }

    async fn a_connection_without_a_webhook_has_no_secret(world: &World) {
        let (_, key) = world.account(AccountSpec::default().live());
        let id = text(&connect(world, "Shop", &key, None).await["connection"]["id"]);

        assert!(world.server.app.gateway.webhook_secrets(inner(&id)).await.unwrap().is_none());
    }

    async fn the_secret_is_sealed_for_its_row_and_sealed_anew_with_the_keys(world: &World) {
        let one = shop(world, "One").await;
        let other = shop(world, "Other").await;
        let gateway = &world.server.app.gateway;
        assert_eq!(gateway.verify_credentials().await.unwrap(), 2);
        let resealed = gateway.reseal_credentials().await.unwrap();
        assert_eq!((resealed.unchanged, resealed.webhook_secrets), (2, 0));

        let moved = format!(
            "UPDATE webhook_endpoints SET secret_sealed =
                (SELECT b.secret_sealed FROM webhook_endpoints b WHERE b.id <> webhook_endpoints.id)
             WHERE url LIKE '%{}'",
            inner(&other.connection)
        );
        assert_eq!(execute(world, &moved).await, 1);

        let untouched = gateway.webhook_secrets(inner(&one.connection)).await.unwrap().unwrap();
        let found = gateway.webhook_secrets(inner(&other.connection)).await.unwrap().unwrap();
        assert_eq!(untouched.secrets.len(), 1);
        assert!(found.secrets.is_empty(), "a secret opened at another row");
        assert!(gateway.verify_credentials().await.is_err());
    }

    async fn arrivals_are_noted_now_and_then(world: &World) {
        let shop = shop(world, "Shop").await;
        let store = world.server.app.gateway.store();
        let (id, start) = (inner(&shop.connection), world.clock.now());
        let seen = async || text(&standing(world, &shop.connection).await["webhook"]["lastEventAt"]);

        store.note_event_arrived(id, start).await.unwrap();
        let first = seen().await;
        store.note_event_arrived(id, start + TimeDelta::seconds(2)).await.unwrap();
        let soon = seen().await;
        store.note_event_arrived(id, start + TimeDelta::seconds(9)).await.unwrap();
        let later = seen().await;
        store.note_event_arrived(id, start).await.unwrap();

        assert_eq!(first, soon);
        assert!(later > soon && seen().await == later);
        assert_eq!(count(world, "webhook_endpoints WHERE last_event_at IS NOT NULL").await, 1);
        let _ = workspace(world, &shop.connection).await;
        assert_eq!(standing(world, &shop.connection).await["status"], json!("ACTIVE"));
    }
}
