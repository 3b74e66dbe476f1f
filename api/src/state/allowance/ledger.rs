//! What all processes took, in Redis.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use redis::{Script, aio::ConnectionManager};
use secrecy::SecretString;
use tokio::time::timeout;

use super::Allowance;
use crate::{
    ids::TokenId,
    state::{StateError, redis::connect},
};

/// How long Redis may take for an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// What the keys of this version start with.
const PREFIX: &str = "inlet:1:allowance:";

/// Takes a cost out of a bucket, by Redis' own clock; answers what is left. A key that is gone is a full bucket.
const SPEND: &str = "
    local time = redis.call('TIME')
    local now = time[1] + time[2] / 1000000
    local cost, limit, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
    local level, at = tonumber(kept[1] or limit), tonumber(kept[2] or now)
    level = math.min(limit, level + math.max(0, now - at) * rate)
    level = math.min(limit, level - cost)
    redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', KEYS[1], math.ceil((limit - level) / rate * 1000) + 1000)
    return tostring(level)";

pub(super) struct Ledger {
    connection: ConnectionManager,
    spend: Script,
    away: AtomicBool,
}

impl Ledger {
    pub(super) fn connect(url: &SecretString) -> Result<Self, StateError> {
        Ok(Self {
            connection: connect(url, ANSWER)?,
            spend: Script::new(SPEND),
            away: AtomicBool::new(false),
        })
    }

    /// Tells what was taken of some buckets; what is left in each, in order, up to the first that Redis did not answer.
    pub(super) async fn spend(&self, allowance: Allowance, taken: &[(TokenId, f64)]) -> Vec<f64> {
        let mut levels = Vec::with_capacity(taken.len());
        for (token, cost) in taken {
            let answer = self.spend_one(allowance, *token, *cost).await;
            self.note(answer.as_ref().err());
            match answer {
                Ok(level) => levels.push(level),
                Err(_) => break,
            }
        }
        levels
    }

    async fn spend_one(
        &self,
        allowance: Allowance,
        token: TokenId,
        cost: f64,
    ) -> Result<f64, StateError> {
        let mut connection = self.connection.clone();
        let mut call = self.spend.prepare_invoke();
        call.key(format!("{PREFIX}{token}"));
        call.arg(cost)
            .arg(allowance.limit)
            .arg(allowance.restore_rate);
        let answer = timeout(ANSWER, call.invoke_async::<String>(&mut connection)).await;
        let answer = answer.map_err(|_| StateError::TimedOut)??;
        answer.parse().map_err(|_| StateError::Answer)
    }

    /// Says so where Redis went away or came back.
    fn note(&self, failure: Option<&StateError>) {
        let was_away = self.away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_away => {
                tracing::warn!(%error, "what tokens spend is not shared: each process counts for itself");
            }
            None if was_away => tracing::info!("what tokens spend is shared again"),
            _ => {}
        }
    }
}
