//! How a failed call is tried again (Stripe contract section 6.2).

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::error::{Outage, StripeError};

/// Bounds of the attempts at one interactive call.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The longest pause after the first failure; it doubles with each further one.
    pub base: Duration,
    /// What the longest pause never exceeds.
    pub cap: Duration,
    /// The time for all attempts and pauses together.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            deadline: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// The pause after the given number of failures, `share` (0 to 1) being the jitter.
    ///
    /// The whole pause is random, so that callers who failed together do not come back together.
    fn pause(&self, failures: u32, error: &StripeError, share: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let longest = self.base.saturating_mul(doubled).min(self.cap);
        longest
            .mul_f64(share.clamp(0.0, 1.0))
            .max(error.retry_after().unwrap_or_default())
    }
}

/// Calls `attempt` until it succeeds, fails for good, or the policy's bounds are reached.
pub(super) async fn with_retries<T, F>(
    policy: &RetryPolicy,
    mut attempt: impl FnMut() -> F,
) -> Result<T, StripeError>
where
    F: Future<Output = Result<T, StripeError>>,
{
    let deadline = Instant::now() + policy.deadline;
    let mut failures = 0;
    let mut last = StripeError::unavailable(Outage::Timeout);
    loop {
        match timeout_at(deadline, attempt()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => last = error,
            // The failure before tells more than that the time is up.
            Err(_) => return Err(last),
        }
        failures += 1;
        let pause = policy.pause(failures, &last, rand::random());
        let too_late = Instant::now() + pause >= deadline;
        if !last.should_retry() || failures >= policy.attempts || too_late {
            return Err(last);
        }
        tracing::debug!(
            failures,
            pause_ms = pause.as_millis(),
            request_id = last.request_id.as_deref(),
            "trying Stripe again: {last}"
        );
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::stripe::error::{RateLimitReason, StripeErrorKind};

    fn limited(retry_after: Option<Duration>) -> StripeError {
        let reason = Some(RateLimitReason::GlobalRate);
        let kind = StripeErrorKind::RateLimited {
            reason,
            retry_after,
        };
        StripeError {
            kind,
            status: Some(429),
            request_id: None,
            retry_hint: None,
        }
    }

    #[test]
    fn the_longest_pause_doubles_up_to_the_cap_and_jitter_shortens_it() {
        let policy = RetryPolicy::default();
        let error = limited(None);
        let longest: Vec<_> = (1..=6)
            .map(|n| policy.pause(n, &error, 1.0).as_millis())
            .collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        assert_eq!(policy.pause(2, &error, 0.5), Duration::from_millis(500));
        assert_eq!(policy.pause(200, &error, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept() {
        let error = limited(Some(Duration::from_secs(3)));
        assert_eq!(
            RetryPolicy::default().pause(1, &error, 0.1),
            Duration::from_secs(3)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end_at_their_number_and_within_the_schedule() {
        let policy = RetryPolicy::default();
        let started = Instant::now();
        let mut calls = 0;
        let answer: Result<(), _> = with_retries(&policy, || {
            calls += 1;
            ready(Err(StripeError::unavailable(Outage::Server)))
        })
        .await;
        assert_eq!(answer, Err(StripeError::unavailable(Outage::Server)));
        assert_eq!(calls, 4);
        assert!(
            started.elapsed() <= Duration::from_millis(3_510),
            "{:?}",
            started.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_recovers_is_answered() {
        let mut calls = 0;
        let answer = with_retries(&RetryPolicy::default(), || {
            calls += 1;
            ready(if calls < 3 {
                Err(limited(None))
            } else {
                Ok(calls)
            })
        })
        .await;
        assert_eq!(answer, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_helped_is_not_tried_again() {
        let mut calls = 0;
        let error = StripeError {
            kind: StripeErrorKind::KeyRejected,
            status: Some(401),
            request_id: None,
            retry_hint: None,
        };
        let answer: Result<(), _> = with_retries(&RetryPolicy::default(), || {
            calls += 1;
            ready(Err(error.clone()))
        })
        .await;
        assert_eq!((answer, calls), (Err(error), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_attempt_ends_at_the_deadline() {
        let started = Instant::now();
        let answer: Result<(), _> =
            with_retries(&RetryPolicy::default(), std::future::pending).await;
        assert_eq!(answer, Err(StripeError::unavailable(Outage::Timeout)));
        assert_eq!(started.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_beyond_the_deadline_is_not_begun() {
        let started = Instant::now();
        let error = limited(Some(Duration::from_mins(1)));
        let answer: Result<(), _> =
            with_retries(&RetryPolicy::default(), || ready(Err(error.clone()))).await;
        assert_eq!((answer, started.elapsed()), (Err(error), Duration::ZERO));
    }
}
