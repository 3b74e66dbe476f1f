//! When a message is tried again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    outbound::{Answer, SendError},
    storage::{DisabledReason, EndpointNews, NotificationDeliveryState},
};

/// How long after each failed attempt the next one comes, as the Standard Webhooks specification proposes. The first
/// attempt comes at once, the last one three days after it.
const PAUSES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];

/// How much longer a pause may be, in parts of it: of messages that failed together not all come again together.
const JITTER: f64 = 0.2;

/// The longest time that an endpoint may ask to be left alone.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(24);

/// An endpoint at which nothing has arrived for so long is disabled.
const PATIENCE: TimeDelta = TimeDelta::days(5);

/// An attempt, and what went before.
pub(super) struct Tried<'a> {
    pub(super) answer: &'a Result<Answer, SendError>,
    /// The attempts of the schedule before this one.
    pub(super) before: i32,
    /// Since when every attempt at the endpoint failed.
    pub(super) failing_since: Option<DateTime<Utc>>,
    pub(super) now: DateTime<Utc>,
    /// From 0 to 1.
    pub(super) chance: f64,
}

/// What is to be done after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) state: NotificationDeliveryState,
    /// When the next attempt is made, where there is one.
    pub(super) next: DateTime<Utc>,
    pub(super) endpoint: EndpointNews,
}

impl Tried<'_> {
    pub(super) fn judge(&self) -> Verdict {
        let now = self.now;
        let end = |state, endpoint| Verdict {
            state,
            next: now,
            endpoint,
        };
        let answer = self.answer.as_ref().ok();
        let status = answer.map(|answer| answer.status);
        if status.is_some_and(|status| (200..300).contains(&status)) {
            return end(NotificationDeliveryState::Delivered, EndpointNews::Works);
        }
        let failed = NotificationDeliveryState::Failed;
        if status == Some(410) {
            return end(failed, EndpointNews::Ends(DisabledReason::Gone));
        }
        if self
            .failing_since
            .is_some_and(|since| now - since >= PATIENCE)
        {
            return end(failed, EndpointNews::Ends(DisabledReason::Failing));
        }
        let asked = answer.filter(|answer| matches!(answer.status, 429 | 503));
        let asked = asked.and_then(|answer| answer.retry_after);
        let asked = asked.map(|wait| now + wait.min(LONGEST_PAUSE));
        let endpoint = EndpointNews::Fails(asked);
        let pause = usize::try_from(self.before).ok();
        let Some(pause) = pause.and_then(|before| PAUSES.get(before)) else {
            return end(failed, endpoint);
        };
        let next = now + longer(*pause, self.chance);
        Verdict {
            state: NotificationDeliveryState::Pending,
            next: asked.map_or(next, |asked| asked.max(next)),
            endpoint,
        }
    }
}

fn longer(pause: TimeDelta, chance: f64) -> TimeDelta {
    let more = pause.as_seconds_f64() * JITTER * chance.clamp(0.0, 1.0);
    let more = std::time::Duration::from_secs_f64(more);
    pause + TimeDelta::from_std(more).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn answered(status: u16) -> Answer {
        Answer {
            status,
            retry_after: None,
        }
    }

    fn judge(answer: &Result<Answer, SendError>, before: i32, chance: f64) -> Verdict {
        let tried = Tried {
            answer,
            before,
            failing_since: None,
            now: now(),
            chance,
        };
        tried.judge()
    }

    #[test]
    fn only_2xx_is_success() {
        for status in [200, 201, 202, 204, 299] {
            let verdict = judge(&Ok(answered(status)), 0, 0.5);
            assert_eq!(verdict.state, NotificationDeliveryState::Delivered);
            assert_eq!(verdict.endpoint, EndpointNews::Works);
        }
        for status in [
            199, 301, 302, 304, 307, 400, 401, 404, 409, 429, 500, 502, 503,
        ] {
            let verdict = judge(&Ok(answered(status)), 0, 0.5);
            assert_eq!(
                verdict.state,
                NotificationDeliveryState::Pending,
                "{status}"
            );
            assert_eq!(verdict.endpoint, EndpointNews::Fails(None), "{status}");
        }
    }

    #[test]
    fn the_pauses_are_those_of_the_specification_and_a_fifth_longer_at_most() {
        let failed = Err(SendError::Timeout);
        let seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

        for (before, seconds) in (0..).zip(seconds) {
            let pause = |chance| judge(&failed, before, chance).next - now();
            assert_eq!(pause(0.0), TimeDelta::seconds(seconds));
            assert_eq!(pause(1.0), TimeDelta::milliseconds(seconds * 1_200));
        }
        let last = judge(&failed, 9, 0.5);
        assert_eq!(last.state, NotificationDeliveryState::Failed);
        assert_eq!(last.endpoint, EndpointNews::Fails(None));
    }

    #[test]
    fn who_asks_for_time_gets_it() {
        let asks = |status, seconds| {
            Ok(Answer {
                status,
                retry_after: Some(TimeDelta::seconds(seconds)),
            })
        };

        for status in [429, 503] {
            let verdict = judge(&asks(status, 3_600), 0, 0.0);
            let until = now() + TimeDelta::hours(1);
            assert_eq!(verdict.next, until);
            assert_eq!(verdict.endpoint, EndpointNews::Fails(Some(until)));
        }
        let short = judge(&asks(429, 1), 1, 0.0);
        assert_eq!(
            short.next,
            now() + TimeDelta::minutes(5),
            "the schedule is longer"
        );
        let forever = judge(&asks(503, 10_000_000), 0, 0.0);
        assert_eq!(forever.next, now() + TimeDelta::hours(24));
        let other = judge(&asks(500, 3_600), 0, 0.0);
        assert_eq!(other.next, now() + TimeDelta::seconds(5));
    }

    #[test]
    fn who_is_gone_or_fails_for_five_days_is_told_no_more() {
        let gone = judge(&Ok(answered(410)), 0, 0.5);
        assert_eq!(gone.endpoint, EndpointNews::Ends(DisabledReason::Gone));
        let answer = Ok(answered(500));
        let failing = |hours| {
            let tried = Tried {
                answer: &answer,
                before: 0,
                failing_since: Some(now() - TimeDelta::hours(hours)),
                now: now(),
                chance: 0.0,
            };
            tried.judge().endpoint
        };

        assert_eq!(failing(119), EndpointNews::Fails(None));
        assert_eq!(failing(120), EndpointNews::Ends(DisabledReason::Failing));
    }
}
