//! Time, acts, traffic and events.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::Sandbox;
use crate::delivery::Delivery;
use crate::event::EventSelection;
use crate::live::{self, Act, Acted, Impossible, Traffic, TrafficReport, TrafficSpec};
use crate::lock::lock;

/// How often live traffic lets something happen.
const TICK: Duration = Duration::from_millis(50);

impl Sandbox {
    /// Stops the clock at this moment, or lets it go with the wall clock again.
    ///
    /// Events, signatures, codes, tokens and `Date` headers follow it.
    pub fn set_time(&self, at: Option<DateTime<Utc>>) {
        self.state.clock.set(at);
    }

    /// Moves the clock on; a stopped one stays stopped.
    pub fn advance(&self, by: TimeDelta) {
        self.state.clock.advance(by);
    }

    /// The time that this sandbox tells.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// Lets something happen to an account; an impossible act changes nothing.
    pub fn act(&self, account: &str, act: Act) -> Result<Acted, Impossible> {
        let unknown = || Impossible::because(format!("there is no account {account}"));
        let account = self.state.account(account).ok_or_else(unknown)?;
        live::act(&self.state, &account, act)
    }

    /// Makes many events at once; none for an account that does not exist.
    pub fn traffic(&self, account: &str, spec: TrafficSpec) -> TrafficReport {
        self.state
            .account(account)
            .map_or_else(TrafficReport::default, |account| {
                Traffic::new(&spec).run(&self.state, &account, spec.events)
            })
    }

    /// Makes about so many events a second for as long as the sandbox runs.
    pub fn live_traffic(&self, account: &str, rate: f64, seed: u64) {
        let Some(account) = self.state.account(account) else {
            return;
        };
        let (state, stop) = (Arc::clone(&self.state), self.stop.clone());
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            let spec = TrafficSpec {
                seed,
                ..TrafficSpec::default()
            };
            let (mut traffic, mut owed) = (Traffic::new(&spec), 0.0);
            loop {
                tokio::time::sleep(TICK).await;
                owed += rate * TICK.as_secs_f64();
                while owed >= 1.0 {
                    owed -= traffic.tick(&state, &account);
                }
            }
        }));
    }

    /// Every event that an account lists, oldest first, as it is listed.
    #[must_use]
    pub fn events(&self, account: &str) -> Vec<Value> {
        let all = EventSelection {
            limit: usize::MAX - 1,
            cursor: None,
            created: (i64::MIN, i64::MAX),
            kinds: Vec::new(),
            delivered: None,
            now: self.now().timestamp(),
        };
        self.with(account, |account| {
            let page = lock(&account.events).page(&all);
            let (mut events, _) = page.unwrap_or_default();
            events.reverse();
            let body = |of_another: bool, event: &crate::event::Event| {
                serde_json::from_str(&event.body(&account.api_version, of_another))
            };
            events
                .iter()
                .filter_map(|event| body(event.account != account.id, event).ok())
                .collect()
        })
        .unwrap_or_default()
    }

    /// The deliveries to steer.
    #[must_use]
    pub fn delivery(&self) -> &Delivery {
        &self.state.delivery
    }
}
