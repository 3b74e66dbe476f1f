//! How long keys are good for, and when to ask for them again. Pure.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::auth::KeySet;

/// What is known of the issuer's keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    keys: Option<(Arc<KeySet>, DateTime<Utc>)>,
    /// When they were last asked for, and whether they came.
    asked: Option<(DateTime<Utc>, bool)>,
}

impl Standing {
    /// The keys, where they came less than so long ago.
    pub(super) fn keys(&self, now: DateTime<Utc>, stale: TimeDelta) -> Option<Arc<KeySet>> {
        let (keys, at) = self.keys.as_ref()?;
        is_within(*at, now, stale).then(|| Arc::clone(keys))
    }

    /// Whether they may be asked for now: not so soon after the last time.
    pub(super) fn may_ask(&self, now: DateTime<Utc>, interval: TimeDelta) -> bool {
        self.asked
            .is_none_or(|(at, _)| !is_within(at, now, interval))
    }

    /// Whether they came when they were last asked for.
    pub(super) fn is_answered(&self) -> bool {
        self.asked.is_some_and(|(_, answered)| answered)
    }

    /// They are asked for; until they come they have not.
    pub(super) fn ask(&mut self, now: DateTime<Utc>) {
        self.asked = Some((now, false));
    }

    /// They came.
    pub(super) fn answer(&mut self, keys: KeySet, now: DateTime<Utc>) {
        self.asked = Some((now, true));
        self.keys = Some((Arc::new(keys), now));
    }
}

/// Whether a moment lies less than this from now; a clock that was put back makes nothing last for ever.
fn is_within(at: DateTime<Utc>, now: DateTime<Utc>, span: TimeDelta) -> bool {
    (now - at).abs() < span
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: TimeDelta = TimeDelta::minutes(1);

    #[test]
    fn keys_serve_for_a_limited_time_whatever_the_clock_does() {
        let mut standing = Standing::default();
        let now = DateTime::UNIX_EPOCH;
        assert!(standing.keys(now, MINUTE).is_none());

        standing.answer(KeySet::default(), now);

        assert!(standing.keys(now + MINUTE / 2, MINUTE).is_some());
        assert!(standing.keys(now + MINUTE, MINUTE).is_none());
        assert!(standing.keys(now - MINUTE, MINUTE).is_none());
    }

    #[test]
    fn the_issuer_is_asked_again_after_a_while() {
        let mut standing = Standing::default();
        let now = DateTime::UNIX_EPOCH;
        assert!(standing.may_ask(now, MINUTE) && !standing.is_answered());

        standing.ask(now);

        assert!(!standing.is_answered());
        assert!(!standing.may_ask(now + MINUTE / 2, MINUTE));
        assert!(standing.may_ask(now + MINUTE, MINUTE));
        standing.answer(KeySet::default(), now);
        assert!(standing.is_answered());
    }
}
