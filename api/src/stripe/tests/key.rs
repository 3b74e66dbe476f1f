use crate::stripe::{ApiKey, Credential, KeyProblem};

#[test]
fn a_restricted_key_is_accepted_with_what_surrounds_it() {
    let key = ApiKey::parse("  rk_live_51Abcdefgh\n", false).unwrap();
    assert_eq!(key.expose(), "rk_live_51Abcdefgh");
    assert_eq!(
        (key.hint(), key.livemode(), key.is_restricted()),
        ("efgh", true, true)
    );
    assert!(!Credential::from(ApiKey::parse("rk_test_1", false).unwrap()).livemode());
}

#[test]
fn a_secret_key_is_accepted_only_when_the_operator_says_so() {
    assert_eq!(
        ApiKey::parse("sk_test_1", false).unwrap_err(),
        KeyProblem::Secret
    );
    let key = ApiKey::parse("sk_live_1", true).unwrap();
    assert_eq!((key.livemode(), key.is_restricted()), (true, false));
}

#[test]
fn whatever_else_is_pasted_is_named() {
    let long = format!("rk_live_{}", "x".repeat(600));
    let cases = [
        ("", KeyProblem::Empty),
        (" \t\n", KeyProblem::Empty),
        (&long, KeyProblem::TooLong),
        ("rk_live_****Abcd", KeyProblem::Masked),
        ("rk_live_…Abcd", KeyProblem::Masked),
        ("rk_live_51 Abcd", KeyProblem::ForbiddenCharacter),
        ("rk_live_51\u{0}Abcd", KeyProblem::ForbiddenCharacter),
        ("rk_live_51\u{202e}Abcd", KeyProblem::ForbiddenCharacter),
        ("rk_live_", KeyProblem::Incomplete),
        ("sk_live_secretZQ", KeyProblem::Secret),
        ("pk_live_secretZQ", KeyProblem::Publishable),
        ("pk_test_secretZQ", KeyProblem::Publishable),
        ("sk_org_live_secretZQ", KeyProblem::Organization),
        ("sk_org_test_secretZQ", KeyProblem::Organization),
        ("mk_secretZQ", KeyProblem::Managed),
        ("ek_live_secretZQ", KeyProblem::Ephemeral),
        ("whsec_secretZQ", KeyProblem::WebhookSecret),
        ("ca_secretZQ", KeyProblem::ClientId),
        ("ac_secretZQ", KeyProblem::OAuthCode),
        ("acct_secretZQ", KeyProblem::AccountId),
        ("secretZQ", KeyProblem::SomethingElse),
        ("RK_LIVE_secretZQ", KeyProblem::SomethingElse),
        ("rk_sandbox_secretZQ", KeyProblem::SomethingElse),
    ];
    let mut sentences = std::collections::BTreeMap::new();
    for (text, wanted) in cases {
        for allow in [false, wanted != KeyProblem::Secret] {
            assert_eq!(ApiKey::parse(text, allow).unwrap_err(), wanted, "{text}");
        }
        assert!(!wanted.to_string().contains("ZQ"));
        let other = sentences.insert(wanted.to_string(), wanted);
        assert!(
            other.is_none_or(|other| other == wanted),
            "two problems share a sentence"
        );
    }
}

#[test]
fn a_key_is_never_printed() {
    let credential = Credential::from(ApiKey::parse("rk_live_51Abcdefgh", false).unwrap());
    let printed = format!("{credential:?} {credential:#?}");
    assert!(
        !printed.contains("51Abcdefgh") && !printed.contains("efgh"),
        "{printed}"
    );
}
