//! Where and how often a fault strikes.

use serde::Deserialize;

use super::Fault;

/// A fault with its place and its rhythm.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    #[serde(flatten)]
    pub(super) fault: Fault,
    #[serde(default)]
    path: String,
    #[serde(flatten)]
    rhythm: Rhythm,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rhythm {
    Next(u64),
    Every(Every),
    Chance(f64),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(from = "u64")]
struct Every {
    period: u64,
    seen: u64,
}

impl From<u64> for Every {
    fn from(period: u64) -> Self {
        Self {
            period: period.max(1),
            seen: 0,
        }
    }
}

impl Rule {
    /// Strikes the next requests, then never again.
    #[must_use]
    pub fn next(times: u64, fault: Fault) -> Self {
        Self {
            fault,
            path: String::new(),
            rhythm: Rhythm::Next(times),
        }
    }

    /// Strikes every nth request.
    #[must_use]
    pub fn every(period: u64, fault: Fault) -> Self {
        Self {
            fault,
            path: String::new(),
            rhythm: Rhythm::Every(period.into()),
        }
    }

    /// Strikes each request with this probability, reproducibly by the sandbox's seed.
    #[must_use]
    pub fn chance(probability: f64, fault: Fault) -> Self {
        Self {
            fault,
            path: String::new(),
            rhythm: Rhythm::Chance(probability),
        }
    }

    /// Narrows it to the paths that begin like this.
    #[must_use]
    pub fn on(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self
        }
    }

    /// Whether it strikes this request; counts it.
    pub(super) fn strikes(&mut self, path: &str, luck: f64) -> bool {
        if !path.starts_with(&self.path) {
            return false;
        }
        match &mut self.rhythm {
            Rhythm::Next(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Rhythm::Next(_) => false,
            Rhythm::Every(every) => {
                every.seen += 1;
                every.seen % every.period == 0
            }
            Rhythm::Chance(probability) => luck < *probability,
        }
    }

    /// Whether it can never strike again.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.rhythm, Rhythm::Next(0))
    }
}
