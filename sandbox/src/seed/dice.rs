//! Reproducible chance.

use std::ops::RangeInclusive;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// A source of chance that always gives the same for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number from 0 up to, but without, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn between(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.0.random_range(range)
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.0.random_range(0..length.max(1))
    }

    /// One of these, which must not be none.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// One of these, by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let total: u32 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.0.random_range(0..total.max(1));
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        choices[0].1
    }

    /// Letters and digits.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        (0..length)
            .map(|_| char::from(*self.pick(ALPHABET)))
            .collect()
    }

    /// Digits.
    pub(crate) fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(*self.pick(b"0123456789")))
            .collect()
    }
}
