//! Codes and refresh tokens: each of them once.

use super::PlatformKind;

/// Codes live so long.
const CODE_LIFE: i64 = 5 * 60;

/// Refresh tokens live so long.
const REFRESH_LIFE: i64 = 365 * 86_400;

/// A code or a refresh token that the merchant's answer has led to.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) account: String,
    pub(super) scope: String,
    pub(super) since: i64,
    pub(super) used: bool,
}

/// What is exchanged for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    Code,
    RefreshToken,
}

/// A good code or refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Redeemed {
    pub(crate) account: String,
    pub(crate) scope: String,
    pub(crate) refresh_token: String,
}

/// Why one is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GrantError {
    Unknown,
    Foreign,
    OtherMode,
    Expired,
    /// It was used before, by a platform of this kind, for this account.
    Used(PlatformKind, String),
}

impl Grant {
    pub(super) fn is_over(&self, what: Exchange, now: i64) -> bool {
        let life = match what {
            Exchange::Code => CODE_LIFE,
            Exchange::RefreshToken => REFRESH_LIFE,
        };
        now >= self.since + life
    }
}
