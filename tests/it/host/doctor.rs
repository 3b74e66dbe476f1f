//! What the doctor says of the issuer, and which settings are refused.

use api::{
    app::{Machine, doctor},
    config::Config,
};
use tests::{HostKey, Issuer};

use super::support::world_of;

#[tokio::test]
async fn the_doctor_asks_the_issuer() {
    let (one, other) = (HostKey::p256("one"), HostKey::rsa("two", "RS256"));
    let issuer = Issuer::start(&[&one, &other]).await;
    let world = world_of(&issuer, &[]).await;
    let findings = async || {
        let mut variables = world.variables();
        variables.push(("INLET_STRIPE__API_URL".to_owned(), world.stripe.url()));
        let host = issuer.variables();
        variables.extend(
            host.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        let config = Config::from_variables(None, variables).unwrap();
        let mut findings = doctor(&config, &Machine::default()).await;
        findings.retain(|finding| finding.text.contains("host application"));
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings.remove(0)
    };

    let well = findings().await;
    assert!(well.ok && well.text.contains("2 keys"), "{well:?}");
    issuer.answer(Some((500, &[], String::new())));
    let ill = findings().await;
    assert!(
        !ill.ok && ill.text.contains("/jwks answers with status 500"),
        "{ill:?}"
    );
    issuer.tell("issuer", "https://other.example");
    let other = findings().await;
    assert!(
        !other.ok && other.text.contains("another issuer"),
        "{other:?}"
    );
    world.end().await;
}

#[test]
fn settings_that_are_not_safe_are_refused() {
    let refused = |settings: &[(&str, &str)]| {
        let settings = settings
            .iter()
            .map(|(name, value)| (format!("INLET_HOST__{name}"), (*value).to_owned()));
        Config::from_variables(None, settings)
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let (issuer, audience) = (("ISSUER", "https://a.example"), ("AUDIENCE", "inlet"));

    assert_eq!(refused(&[issuer, audience]), Ok(()));
    assert_eq!(
        refused(&[("ISSUER", "http://localhost:9/x"), audience]),
        Ok(())
    );
    for (settings, words) in [
        (&[issuer][..], "host.audience must be set"),
        (&[audience], "host.issuer must be set"),
        (
            &[("JWKS_URL", "https://a.example/k")],
            "host.issuer must be set",
        ),
        (&[("ISSUER", "http://a.example"), audience], "must be https"),
        (
            &[("ISSUER", "https://a.example?x=y"), audience],
            "must not have parameters",
        ),
        (&[("ISSUER", "a.example"), audience], "must be a whole URL"),
        (
            &[issuer, audience, ("JWKS_URL", "http://a.example/k")],
            "host.jwks_url must be https",
        ),
        (
            &[issuer, audience, ("JWKS_URL", "ftp://a.example/k")],
            "host.jwks_url must be an http or https URL",
        ),
        (
            &[issuer, audience, ("LEEWAY_SECONDS", "601")],
            "host.leeway_seconds",
        ),
        (
            &[issuer, audience, ("KEYS_STALE_SECONDS", "10")],
            "host.keys_stale_seconds",
        ),
        (
            &[issuer, audience, ("KEYS_INTERVAL_SECONDS", "0")],
            "host.keys_interval_seconds",
        ),
    ] {
        let error = refused(settings).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
}
