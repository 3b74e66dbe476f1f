//! What the doctor says of webhooks.

use api::{
    app::{Finding, Machine, doctor},
    config::Config,
};
use tests::{World, on_every_backend};

use super::support::{HERE, Merchant, shop};

async fn findings(world: &World, more: &[(&str, &str)]) -> Vec<Finding> {
    let mut variables = world.variables();
    variables.push(("INLET_STRIPE__API_URL".to_owned(), world.stripe.url()));
    let more = more
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    variables.extend(more);
    let config = Config::from_variables(None, variables).unwrap();
    let mut findings = doctor(&config, &Machine::default()).await;
    findings.retain(|finding| finding.text.contains("webhook") || finding.text.contains("WEBHOOK"));
    findings
}

fn one(findings: &[Finding]) -> (bool, &str) {
    let [finding] = findings else {
        panic!("{findings:#?}")
    };
    (finding.ok, &finding.text)
}

on_every_backend! {
    async fn each_connection_has_a_line_about_its_webhook(world: &World) {
        let shop = shop(world, "Läden").await;
        let ours = shop.merchant.ids(world).await;
        assert_eq!(one(&findings(world, &[]).await), (true, "the webhook of “Läden” is active"));

        let copy = shop.merchant.add(world, &format!("{HERE}/webhooks/stripe/x"), &[]).await;
        let conflict = findings(world, &[]).await;
        shop.merchant.delete(world, &copy).await;
        shop.merchant.change(world, &ours[0], &[("enabled_events[]", "charge.failed")]).await;
        let lacking = findings(world, &[]).await;
        shop.merchant.disable(world, &ours[0]).await;
        let disabled = findings(world, &[]).await;
        shop.merchant.delete(world, &ours[0]).await;
        let missing = findings(world, &[]).await;
        world.stripe.revoke_key(&shop.key);
        let refused = findings(world, &[]).await;

        for (findings, words) in [
            (conflict, copy.as_str()),
            (lacking, "charge.refunded"),
            (disabled, "switched"),
            (missing, "removed at Stripe"),
            (refused, "not looked at"),
        ] {
            let (ok, text) = one(&findings);
            assert!(!ok && text.contains(words) && text.contains("“Läden”"), "{words}: {text}");
        }
        // Looking changes nothing.
        assert!(shop.merchant.ids(world).await.is_empty());
    }

    async fn the_platforms_webhook_has_one_too(world: &World) {
        let account = world.stripe.add_account(sandbox::AccountSpec::default());
        let platform = Merchant::of(world, &account);
        let key = world.stripe.create_secret_key(&account);
        let mut settings = vec![
            ("INLET_STRIPE__OAUTH__TEST__CLIENT_ID", "ca_1"),
            ("INLET_STRIPE__OAUTH__TEST__SECRET_KEY", key.as_str()),
        ];
        let without_secret = findings(world, &settings).await;
        settings.push(("INLET_STRIPE__OAUTH__TEST__WEBHOOK_SECRET", "whsec_1"));
        let url = format!("{HERE}/webhooks/stripe");

        let none = findings(world, &settings).await;
        let own = platform.add(world, &url, &[]).await;
        let not_connect = findings(world, &settings).await;
        platform.delete(world, &own).await;
        let some = platform.add(world, &url, &[("connect", "true")]).await;
        let lacking = findings(world, &settings).await;
        let events: Vec<_> = api::stripe::event_types::SUBSCRIBED.iter()
            .chain(&api::stripe::event_types::CONNECT_ONLY)
            .map(|event| ("enabled_events[]", *event))
            .collect();
        platform.change(world, &some, &events).await;
        let active = findings(world, &settings).await;

        assert!(without_secret.iter().any(|it| !it.ok && it.text.contains("__WEBHOOK_SECRET is missing")));
        for (findings, words) in [
            (none, "there is none"),
            (not_connect, "only of the platform itself"),
            (lacking, "account.application.deauthorized"),
        ] {
            let (ok, text) = one(&findings);
            assert!(!ok && text.contains(words) && text.contains("test mode"), "{words}: {text}");
        }
        assert_eq!(one(&active), (true, "the platform's webhook in test mode is active"));
    }
}
