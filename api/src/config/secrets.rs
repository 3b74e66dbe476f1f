use secrecy::SecretString;
use serde::Deserialize;

/// What seals the secrets at rest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsConfig {
    /// `id:base64[,id:…]`; without it, a key file beside the database.
    pub master_keys: Option<SecretString>,
}
