use std::time::Duration;

use crate::ids::Entropy;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses between attempts: each twice the last up to a limit, and shortened by chance, so that replicas spread.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: FIRST }
    }

    /// The pause before the next attempt: from half of the current step to the whole.
    pub(super) fn pause(&mut self, entropy: &dyn Entropy) -> Duration {
        let step = self.next;
        self.next = (step * 2).min(LONGEST);
        let mut chance = [0];
        entropy.fill(&mut chance);
        step / 2 + step / 2 * u32::from(chance[0]) / u32::from(u8::MAX)
    }

    /// Whether no attempt has failed since the last reset.
    pub(super) fn is_first(&self) -> bool {
        self.next == FIRST
    }

    pub(super) fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_double_up_to_the_limit() {
        let mut backoff = Backoff::new();
        let longest: Vec<u128> = (0..8)
            .map(|_| backoff.pause(&Always(255)).as_millis())
            .collect();
        assert_eq!(longest, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);

        assert!(!backoff.is_first());
        backoff.reset();
        assert!(backoff.is_first());
        assert_eq!(backoff.pause(&Always(0)), FIRST / 2);
    }
}
