//! What the clients tell the bench, in lines.

use std::time::Duration;

/// How long messages were under way.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Messages that came.
    pub(crate) count: usize,
    /// The time that half of them took at most.
    pub(crate) p50: Duration,
    /// The time that 99 of a hundred took at most.
    pub(crate) p99: Duration,
    /// The longest time.
    pub(crate) longest: Duration,
}

impl Told {
    /// From the times of all messages, in microseconds.
    pub(crate) fn of(mut micros: Vec<u64>) -> Self {
        micros.sort_unstable();
        let at = |percent: usize| {
            let place = (micros.len() * percent / 100).min(micros.len().saturating_sub(1));
            Duration::from_micros(micros.get(place).copied().unwrap_or_default())
        };
        Self {
            count: micros.len(),
            p50: at(50),
            p99: at(99),
            longest: at(100),
        }
    }

    pub(crate) fn write(&self) -> String {
        let Self {
            count,
            p50,
            p99,
            longest,
        } = self;
        format!(
            "{count} {} {} {}",
            p50.as_micros(),
            p99.as_micros(),
            longest.as_micros()
        )
    }

    pub(crate) fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(str::parse);
        let count = numbers.next()?.ok()?;
        let mut next = || {
            Some(Duration::from_micros(
                u64::try_from(numbers.next()?.ok()?).ok()?,
            ))
        };
        Some(Self {
            count,
            p50: next()?,
            p99: next()?,
            longest: next()?,
        })
    }
}
