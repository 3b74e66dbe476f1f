use std::{fmt, time::Duration};

use async_trait::async_trait;
use redis::{RedisResult, Script, aio::ConnectionManager};
use secrecy::SecretString;
use tokio::time::timeout;

use super::{
    record::StateRecord,
    redis::connect,
    states::{OAuthStates, StateError, Taken},
};

/// Whoever starts a flow hears within a second that Redis is away.
const ANSWER: Duration = Duration::from_millis(800);

/// What the keys of this version start with.
const PREFIX: &str = "inlet:1:oauth:";

/// The first byte of a flow that was not taken; the record follows as JSON.
const FRESH: char = 'f';

/// The first byte of a flow that was taken.
const USED: char = 'u';

/// Answers what was there, and marks it as taken for the rest of its time.
const TAKE: &str = "
    local kept = redis.call('GET', KEYS[1])
    if kept and string.sub(kept, 1, 1) == 'f' then
      redis.call('SET', KEYS[1], 'u' .. string.sub(kept, 2), 'KEEPTTL')
    end
    return kept";

/// Flows that several processes share.
pub struct RedisStates {
    connection: ConnectionManager,
    take: Script,
}

impl RedisStates {
    /// Flows in this Redis (6 or newer), which need not be up yet.
    ///
    /// Must be called within a Tokio runtime.
    pub fn connect(url: &SecretString) -> Result<Self, StateError> {
        Ok(Self {
            connection: connect(url, ANSWER)?,
            take: Script::new(TAKE),
        })
    }
}

#[async_trait]
impl OAuthStates for RedisStates {
    async fn put(&self, hash: &str, record: StateRecord, ttl: Duration) -> Result<(), StateError> {
        let json = serde_json::to_string(&record)?;
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let mut set = redis::cmd("SET");
        set.arg(key(hash)).arg(format!("{FRESH}{json}"));
        set.arg("PX").arg(millis.max(1));
        within(set.query_async::<()>(&mut self.connection.clone())).await
    }

    async fn peek(&self, hash: &str) -> Result<Taken, StateError> {
        let mut get = redis::cmd("GET");
        get.arg(key(hash));
        read(within(get.query_async(&mut self.connection.clone())).await?)
    }

    async fn take(&self, hash: &str) -> Result<Taken, StateError> {
        let mut connection = self.connection.clone();
        let mut take = self.take.prepare_invoke();
        take.key(key(hash));
        read(within(take.invoke_async(&mut connection)).await?)
    }
}

fn key(hash: &str) -> String {
    format!("{PREFIX}{hash}")
}

fn read(kept: Option<String>) -> Result<Taken, StateError> {
    let Some(kept) = kept else {
        return Ok(Taken::Unknown);
    };
    let record = |json: &str| serde_json::from_str(json).map(Box::new);
    if let Some(json) = kept.strip_prefix(FRESH) {
        return Ok(Taken::Fresh(record(json)?));
    }
    match kept.strip_prefix(USED) {
        Some(json) => Ok(Taken::Used(record(json)?)),
        None => Ok(Taken::Unknown),
    }
}

async fn within<T>(command: impl Future<Output = RedisResult<T>>) -> Result<T, StateError> {
    let answer = timeout(ANSWER, command).await;
    Ok(answer.map_err(|_| StateError::TimedOut)??)
}

impl fmt::Debug for RedisStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStates").finish_non_exhaustive()
    }
}
