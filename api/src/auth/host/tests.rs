use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::{HostRules, HostToken, HostTokenError, KeySet};

fn rules() -> HostRules {
    HostRules {
        issuer: "https://login.example".to_owned(),
        audience: "inlet".to_owned(),
        workspace_claim: "workspace".to_owned(),
        scopes_claim: "scope".to_owned(),
        leeway: TimeDelta::seconds(60),
    }
}

fn pair() -> Ed25519KeyPair {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap()
}

fn set(pair: &Ed25519KeyPair, more: &Value) -> KeySet {
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    let mut jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1" });
    for (name, value) in more.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    KeySet::read(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

fn sign(pair: &Ed25519KeyPair, claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!(
        "{}.{}",
        encode(r#"{"alg":"EdDSA","kid":"1"}"#),
        encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn claims(end: i64) -> Value {
    json!({ "iss": "https://login.example", "aud": ["inlet"], "sub": "1", "exp": end, "workspace": "w" })
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn a_token_is_good_until_the_leeway_has_passed() {
    let pair = pair();
    let (keys, text) = (
        set(&pair, &json!({})),
        sign(&pair, &claims(1_000).to_string()),
    );
    let token = HostToken::read(&text).unwrap();

    let last = at(1_060) - TimeDelta::microseconds(1);
    assert_eq!(
        token.check(&keys, &rules(), last).unwrap().expires_at,
        at(1_060)
    );
    assert_eq!(
        token.check(&keys, &rules(), at(1_060)),
        Err(HostTokenError::Expired)
    );
}

#[test]
fn a_key_is_used_for_what_it_is_for() {
    let pair = pair();
    let text = sign(&pair, &claims(1_000).to_string());
    let token = HostToken::read(&text).unwrap();
    for (more, is_for_tokens) in [
        (json!({}), true),
        (
            json!({ "use": "sig", "alg": "EdDSA", "key_ops": ["sign", "verify"] }),
            true,
        ),
        (json!({ "use": "enc" }), false),
        (json!({ "key_ops": ["encrypt"] }), false),
        (json!({ "alg": "ES256" }), false),
        (json!({ "alg": "HS256" }), false),
        (json!({ "crv": "X25519" }), false),
        (json!({ "kty": "EC", "crv": "P-256" }), false),
        (json!({ "x": "AAAA" }), false),
        (json!({ "kid": "2" }), false),
        (json!({ "kid": 1 }), false),
    ] {
        let keys = set(&pair, &more);
        assert_eq!(token.is_signed_by_one_of(&keys), is_for_tokens, "{more}");
        let checked = token.check(&keys, &rules(), at(0));
        let expected = if is_for_tokens {
            None
        } else {
            Some(HostTokenError::UnknownKey)
        };
        assert_eq!(checked.err(), expected, "{more}");
    }
}

#[test]
fn what_is_no_set_of_keys_is_refused() {
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        "{\"keys\":[]",
        "\u{feff}{\"keys\":[]}",
    ] {
        assert!(KeySet::read(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(KeySet::read(br#"{"keys":[7,null,{}]}"#).unwrap().is_empty());
}

proptest! {
    #[test]
    fn no_text_panics(text in "(ey)?[A-Za-z0-9_.-]{0,80}") {
        prop_assert!(HostToken::read(&text).is_err());
    }

    #[test]
    fn no_claims_panic(claims in r#"\{?("(exp|nbf|aud|iss)":(-?[0-9]{1,20}|"[a-z]*"|\[\]|null),?){0,4}\}?"#) {
        let pair = pair();
        let text = sign(&pair, &claims);
        let checked = HostToken::read(&text).unwrap().check(&set(&pair, &json!({})), &rules(), at(0));
        prop_assert!(checked.is_err());
    }
}
