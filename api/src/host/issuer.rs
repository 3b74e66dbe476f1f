use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;
use tokio::sync::Mutex;
use url::Url;

use super::{
    fetch::{BuildError, Fetch, FetchError},
    standing::Standing,
};
use crate::{
    auth::{HostRules, HostToken, HostTokenError, HostUser, KeySet},
    clock::SharedClock,
};

/// Where the issuer's keys are, and how long they serve.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// What tokens must say.
    pub rules: HostRules,
    /// The issuer's address: `rules.issuer`, read.
    pub issuer: Url,
    /// Where the keys are; none where the issuer is to be asked.
    pub jwks_url: Option<Url>,
    /// Whether the issuer is on this machine, and may be reached over http.
    pub local: bool,
    /// How often keys are fetched.
    pub refresh: Duration,
    /// For how long keys serve while none can be fetched.
    pub stale: Duration,
    /// The shortest time between two fetches.
    pub interval: Duration,
}

/// Why nobody is made of a token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HostError {
    /// It is not a good one.
    #[error(transparent)]
    Token(#[from] HostTokenError),
    /// Nobody can tell: its key is not known, and the issuer does not answer.
    #[error("the issuer's keys are not known at the moment")]
    Away,
}

/// The host application, by its issuer's keys.
pub struct Host {
    rules: HostRules,
    fetch: Fetch,
    clock: SharedClock,
    refresh: Duration,
    interval: Duration,
    stale: TimeDelta,
    standing: RwLock<Standing>,
    /// Held by the one who asks the issuer.
    turn: Mutex<()>,
}

impl Host {
    /// Makes the client; the issuer is not asked yet. A rustls crypto provider has to be installed before.
    pub fn new(options: HostOptions, clock: SharedClock) -> Result<Self, BuildError> {
        let HostOptions {
            issuer,
            jwks_url,
            local,
            ..
        } = options;
        Ok(Self {
            fetch: Fetch::new(&issuer, &options.rules.issuer, jwks_url, local)?,
            rules: options.rules,
            clock,
            refresh: options.refresh,
            interval: options.interval,
            stale: delta(options.stale),
            standing: RwLock::default(),
            turn: Mutex::default(),
        })
    }

    /// The issuer, exactly as tokens name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.rules.issuer
    }

    /// Whose a token is.
    pub async fn user(&self, jwt: &str) -> Result<HostUser, HostError> {
        let token = HostToken::read(jwt)?;
        let keys = self.keys_for(&token).await?;
        Ok(token.check(&keys, &self.rules, self.clock.now())?)
    }

    /// Keeps the keys fresh for as long as it is polled, and says when they come and when they do not.
    pub async fn keep(&self) {
        let mut answered = None;
        loop {
            let fetched = self.fetch().await;
            match &fetched {
                Ok(count) if answered != Some(true) => {
                    tracing::info!(
                        issuer = self.issuer(),
                        count,
                        "the host application's keys are known"
                    );
                }
                Err(error) if answered != Some(false) => {
                    tracing::warn!(
                        issuer = self.issuer(),
                        %error,
                        "the host application's keys cannot be fetched; tokens are checked with those known before"
                    );
                }
                _ => {}
            }
            answered = Some(fetched.is_ok());
            let pause = if fetched.is_ok() {
                self.refresh
            } else {
                self.interval
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches the keys now; how many there are.
    pub async fn fetch(&self) -> Result<usize, FetchError> {
        let _turn = self.turn.lock().await;
        self.ask().await
    }

    /// The keys to check a token with.
    async fn keys_for(&self, token: &HostToken<'_>) -> Result<Arc<KeySet>, HostError> {
        let known = || self.keys().filter(|keys| token.is_signed_by_one_of(keys));
        if let Some(keys) = known() {
            return Ok(keys);
        }
        // Of many tokens with new keys one asks, and the others find what it was told.
        let _turn = self.turn.lock().await;
        if let Some(keys) = known() {
            return Ok(keys);
        }
        if self.may_ask()
            && let Err(error) = self.ask().await
        {
            tracing::debug!(%error, "an unknown key was asked for in vain");
        }
        // Whoever has a key that the issuer does not know is refused only on the issuer's word.
        let answered = self.read(Standing::is_answered);
        self.keys().filter(|_| answered).ok_or(HostError::Away)
    }

    async fn ask(&self) -> Result<usize, FetchError> {
        self.write(Standing::ask);
        let keys = self.fetch.keys().await?;
        let count = keys.len();
        self.write(|standing, now| standing.answer(keys, now));
        Ok(count)
    }

    fn keys(&self) -> Option<Arc<KeySet>> {
        let now = self.clock.now();
        self.read(|standing| standing.keys(now, self.stale))
    }

    fn may_ask(&self) -> bool {
        let (now, interval) = (self.clock.now(), delta(self.interval));
        self.read(|standing| standing.may_ask(now, interval))
    }

    fn read<T>(&self, look: impl FnOnce(&Standing) -> T) -> T {
        look(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Standing, DateTime<Utc>)) {
        let now = self.clock.now();
        change(
            &mut self
                .standing
                .write()
                .unwrap_or_else(PoisonError::into_inner),
            now,
        );
    }
}

/// Settings are bounded far below where this would not fit.
fn delta(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}
