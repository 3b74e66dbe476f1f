//! The secrets of a flow. One random token makes both the state that goes to Stripe and the secret that stays in the
//! browser; neither tells the other, nor the token.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::ids::Ids;

const RANDOM_BYTES: usize = 32;

/// The secrets of one flow.
pub(super) struct Flow(SecretString);

impl Flow {
    /// A new flow of 256 random bits.
    pub(super) fn start(ids: &Ids) -> Self {
        let bytes = Zeroizing::new(ids.random::<RANDOM_BYTES>());
        Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// The flow of a token that has the form of one.
    pub(super) fn parse(token: &str) -> Option<Self> {
        has_form(token).then(|| Self(SecretString::from(token)))
    }

    /// What starts the flow in a browser.
    pub(super) fn token(&self) -> &str {
        self.0.expose_secret()
    }

    /// What goes to Stripe and comes back.
    pub(super) fn state(&self) -> String {
        self.derive("inlet oauth state")
    }

    /// What stays in the browser that went to Stripe.
    pub(super) fn browser_secret(&self) -> SecretString {
        SecretString::from(self.derive("inlet oauth browser"))
    }

    fn derive(&self, purpose: &str) -> String {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update(self.token())
            .finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

/// Whether a text may be a token or a state: 256 bits in base64url, in their one form.
pub(super) fn has_form(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == RANDOM_BYTES)
}

/// SHA-256 in hexadecimal, by which secrets are kept and compared.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Whether a secret is the one of this hash, in constant time.
pub(super) fn is_of_hash(secret: &SecretString, expected: &str) -> bool {
    let found = hash(secret.expose_secret());
    found.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// The name of a flow's cookie: each flow has its own, so that several go on side by side.
pub(super) fn cookie_name(state_hash: &str, secure: bool) -> String {
    let part = state_hash.get(..8).unwrap_or_default();
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}inlet-oauth-{part}")
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use super::*;
    use crate::{
        clock::{Clock, SystemClock},
        ids::SystemEntropy,
    };

    #[test]
    fn the_secrets_of_a_flow_differ_and_have_one_form() {
        let ids = Ids::new(Arc::new(|| SystemClock.now()), Arc::new(SystemEntropy));
        let flows = [Flow::start(&ids), Flow::start(&ids)];

        let secrets: HashSet<String> = flows
            .iter()
            .flat_map(|flow| {
                let browser = flow.browser_secret().expose_secret().to_owned();
                [flow.token().to_owned(), flow.state(), browser]
            })
            .collect();

        assert_eq!(secrets.len(), 6);
        assert!(secrets.iter().all(|secret| has_form(secret)));
        let again = Flow::parse(flows[0].token()).unwrap();
        assert_eq!(again.state(), flows[0].state());
    }

    #[test]
    fn what_cannot_be_a_state_is_not_looked_up() {
        let good = "A".repeat(43);
        assert!(has_form(&good));
        for wrong in [
            "",
            "A",
            &good[1..],
            &format!("{good}="),
            &good.replace('A', "+"),
            &good.replace('A', "ä"),
        ] {
            assert!(!has_form(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_browser_is_known_by_its_own_secret_only() {
        let (one, other) = (SecretString::from("one"), SecretString::from("other"));

        assert!(is_of_hash(&one, &hash("one")));
        assert!(!is_of_hash(&other, &hash("one")));
        assert!(!is_of_hash(&one, ""));
    }

    #[test]
    fn cookies_are_named_after_their_flow() {
        assert_eq!(
            cookie_name("0123456789", true),
            "__Host-inlet-oauth-01234567"
        );
        assert_eq!(cookie_name("0123456789", false), "inlet-oauth-01234567");
    }
}
