//! Links to files: short-lived, and good for whoever has one, so that a browser can follow it without a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use url::Url;

use super::state_of;
use crate::{
    domain::Gateway,
    ids::{ExportId, node_id},
    storage::{ExportRow, ExportState},
};

/// What the key of the signatures is for.
const PURPOSE: &str = "export";

/// The longest signature that is looked at, in characters.
const LONGEST: usize = 64;

impl Gateway {
    /// A link to the export's file, good for some minutes from now and no longer than the file is kept; none where there
    /// is no file.
    #[must_use]
    pub fn export_url(&self, export: &ExportRow) -> Option<Url> {
        let now = self.clock().now();
        if state_of(export, now) != ExportState::Ready {
            return None;
        }
        let until = (now + self.policy().exports.link).min(export.expires_at?);
        let expires = until.timestamp();
        let id = node_id(ExportId(export.id));
        let signature = self.sealer().sign(PURPOSE, &signed(&id, expires));
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let public = self.public_url().as_str().trim_end_matches('/');
        Url::parse(&format!(
            "{public}/exports/{id}?expires={expires}&signature={signature}"
        ))
        .ok()
    }

    /// Until when a link is good; none of one that was not made here, or that somebody changed.
    pub(super) fn link_end(
        &self,
        id: &str,
        expires: &str,
        signature: &str,
    ) -> Option<DateTime<Utc>> {
        if signature.len() > LONGEST {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let seconds: i64 = expires.parse().ok()?;
        // One text for one link: no sign, no zeros in front.
        if seconds.to_string() != expires {
            return None;
        }
        self.sealer()
            .is_signed(PURPOSE, &signed(id, seconds), &signature)
            .then(|| DateTime::from_timestamp(seconds, 0))?
    }
}

fn signed(id: &str, expires: i64) -> Vec<u8> {
    format!("{id}\n{expires}").into_bytes()
}
