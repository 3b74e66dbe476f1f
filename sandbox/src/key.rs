//! API keys: whose they are, what they may do and whether they still work.

use std::collections::BTreeSet;

use crate::permission::Permission;

/// A key that the sandbox gave out.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) account: String,
    /// `None` for secret keys, which may do everything.
    pub(crate) permissions: Option<BTreeSet<Permission>>,
    pub(crate) standing: Standing,
    /// For the token of an app: the app's own account, and the second at which it ends.
    pub(crate) of_app: Option<(String, i64)>,
}

/// Whether a key still opens the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    Revoked,
    Expired,
    OtherIps,
}

impl Key {
    pub(crate) fn allows(&self, permission: Permission) -> bool {
        self.permissions
            .as_ref()
            .is_none_or(|granted| granted.contains(&permission))
    }
}

/// A key as Stripe's messages show it: the prefix, eight stars and the last four characters.
///
/// What does not look like a key is repeated whole, as Stripe does with passwords that people paste.
pub(crate) fn masked(secret: &str) -> String {
    let prefix = [
        "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_",
    ]
    .into_iter()
    .find(|prefix| secret.starts_with(prefix));
    match prefix {
        Some(prefix) => format!("{prefix}********{}", hint(secret)),
        None => secret.to_owned(),
    }
}

/// The last four characters, enough to tell keys apart.
pub(crate) fn hint(secret: &str) -> &str {
    let cut = secret.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    &secret[cut..]
}
