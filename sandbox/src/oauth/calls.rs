//! How often the OAuth endpoints were called.

use serde::Serialize;

/// The calls of the token and deauthorize endpoints so far, whatever came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OAuthCalls {
    /// Exchanges of codes.
    pub exchanges: usize,
    /// Uses of refresh tokens.
    pub refreshes: usize,
    /// Disconnections by the platform.
    pub deauthorizations: usize,
}

impl OAuthCalls {
    /// Counts a call by its path and form.
    pub(crate) fn count(&mut self, path: &str, form: &str) {
        if path.ends_with("/deauthorize") {
            self.deauthorizations += 1;
        } else if form.contains("grant_type=refresh_token") {
            self.refreshes += 1;
        } else {
            self.exchanges += 1;
        }
    }
}
