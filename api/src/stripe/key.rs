//! API keys as people paste them (Stripe contract section 2.1).

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Longer than any key that Stripe makes; keys grow, so this is generous.
const MAX_LENGTH: usize = 512;

/// A key that may be used; shows itself to nobody but [`ApiKey::expose`].
#[derive(Clone)]
pub struct ApiKey {
    secret: SecretString,
    livemode: bool,
    restricted: bool,
}

/// Why a text is not a key that Inlet accepts; the messages never repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    #[error(
        "The API key is empty: paste a restricted key, which starts with rk_live_ or rk_test_."
    )]
    Empty,
    #[error("The text is too long to be an API key: paste only the restricted key itself.")]
    TooLong,
    #[error(
        "The key is hidden behind asterisks or dots: reveal it in the Stripe dashboard, then \
         copy it whole."
    )]
    Masked,
    #[error(
        "The key contains a space, a line break or another character that no Stripe key has: \
         copy it again with the copy button of the Stripe dashboard."
    )]
    ForbiddenCharacter,
    #[error("The key ends after its prefix: copy the whole key.")]
    Incomplete,
    #[error(
        "This is a publishable key, which cannot read payments: paste a restricted key, which \
         starts with rk_live_ or rk_test_."
    )]
    Publishable,
    #[error(
        "This is a secret key, which allows everything: create a restricted key, which starts \
         with rk_live_ or rk_test_, and paste that."
    )]
    Secret,
    #[error(
        "This is an organization key: create a restricted key in the account whose payments \
         you want to connect, and paste that."
    )]
    Organization,
    #[error(
        "This is a managed key of a Stripe preview: create a restricted key, which starts \
         with rk_live_ or rk_test_, and paste that."
    )]
    Managed,
    #[error(
        "This is an ephemeral key, made for one customer's app: create a restricted key, \
         which starts with rk_live_ or rk_test_, and paste that."
    )]
    Ephemeral,
    #[error(
        "This is the signing secret of a webhook, not an API key: paste a restricted key, \
         which starts with rk_live_ or rk_test_."
    )]
    WebhookSecret,
    #[error(
        "This is the client id of a Connect platform, not an API key: paste a restricted key, \
         which starts with rk_live_ or rk_test_."
    )]
    ClientId,
    #[error(
        "This is an OAuth code, not an API key: paste a restricted key, which starts with \
         rk_live_ or rk_test_."
    )]
    OAuthCode,
    #[error(
        "This is the id of a Stripe account, not an API key: paste a restricted key, which \
         starts with rk_live_ or rk_test_."
    )]
    AccountId,
    #[error(
        "This is not a Stripe API key: paste a restricted key, which starts with rk_live_ or \
         rk_test_."
    )]
    SomethingElse,
}

/// What is told apart by its first letters but is not a key to use.
const REFUSED: [(&str, KeyProblem); 8] = [
    ("sk_org_", KeyProblem::Organization),
    ("pk_", KeyProblem::Publishable),
    ("mk_", KeyProblem::Managed),
    ("ek_", KeyProblem::Ephemeral),
    ("whsec_", KeyProblem::WebhookSecret),
    ("ca_", KeyProblem::ClientId),
    ("ac_", KeyProblem::OAuthCode),
    ("acct_", KeyProblem::AccountId),
];

/// The prefixes of usable keys: text, live mode, restricted.
const USABLE: [(&str, bool, bool); 4] = [
    ("rk_live_", true, true),
    ("rk_test_", false, true),
    ("sk_live_", true, false),
    ("sk_test_", false, false),
];

impl ApiKey {
    /// Reads a pasted key by its prefix only; whether Stripe knows it is found out by asking.
    pub fn parse(text: &str, allow_secret_keys: bool) -> Result<Self, KeyProblem> {
        let text = text.trim();
        check_form(text)?;
        if let Some((_, problem)) = REFUSED.iter().find(|(prefix, _)| text.starts_with(prefix)) {
            return Err(*problem);
        }
        let usable = USABLE.iter().find(|(prefix, ..)| text.starts_with(prefix));
        let &(prefix, livemode, restricted) = usable.ok_or(KeyProblem::SomethingElse)?;
        if !restricted && !allow_secret_keys {
            return Err(KeyProblem::Secret);
        }
        if text.len() == prefix.len() {
            return Err(KeyProblem::Incomplete);
        }
        Ok(Self {
            secret: SecretString::from(text),
            livemode,
            restricted,
        })
    }

    /// Whether the key sees live data; the two modes are invisible to each other.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// The last four characters, by which its owner recognises the key.
    #[must_use]
    pub fn hint(&self) -> &str {
        let text = self.secret.expose_secret();
        text.get(text.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// Whether the key is limited to what its owner ticked.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// The key itself, for sealing and for the request's header.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

fn check_form(text: &str) -> Result<(), KeyProblem> {
    if text.is_empty() {
        return Err(KeyProblem::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(KeyProblem::TooLong);
    }
    if text.contains(['*', '•', '…']) {
        return Err(KeyProblem::Masked);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyProblem::ForbiddenCharacter);
    }
    Ok(())
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApiKey")
            .field("livemode", &self.livemode)
            .field("restricted", &self.restricted)
            .finish_non_exhaustive()
    }
}
