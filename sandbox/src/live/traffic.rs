//! Live traffic: many acts, as a shop has them.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Act, Impossible, PaymentSpec, act};
use crate::account::Account;
use crate::resource::Resource;
use crate::seed::Dice;
use crate::state::State;

/// Older payments are let alone.
const REMEMBERED: usize = 500;

/// How much traffic to make at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TrafficSpec {
    /// How many events; the last act may make a few more.
    pub events: usize,
    /// The seed of what happens.
    pub seed: u64,
    /// Whether payouts, products and the like change as well.
    pub other_objects: bool,
}

impl Default for TrafficSpec {
    fn default() -> Self {
        Self {
            events: 100,
            seed: 1,
            other_objects: true,
        }
    }
}

/// What traffic made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrafficReport {
    /// The ids of the events, in their order.
    pub events: Vec<String>,
    /// The ids of the new charges.
    pub charges: Vec<String>,
}

/// A shop at work; fees follow their payments, refunds and disputes come later.
pub(crate) struct Traffic {
    dice: Dice,
    other_objects: bool,
    unsettled: VecDeque<String>,
    settled: VecDeque<String>,
    held: VecDeque<String>,
    disputes: VecDeque<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Pay,
    Settle,
    Refund,
    Fail,
    Hold,
    Capture,
    Dispute,
    Close,
    Other,
}

const MIX: [(u32, Kind); 9] = [
    (40, Kind::Pay),
    (30, Kind::Settle),
    (8, Kind::Refund),
    (7, Kind::Fail),
    (4, Kind::Hold),
    (3, Kind::Capture),
    (2, Kind::Dispute),
    (2, Kind::Close),
    (4, Kind::Other),
];

impl Traffic {
    pub(crate) fn new(spec: &TrafficSpec) -> Self {
        Self {
            dice: Dice::new(spec.seed),
            other_objects: spec.other_objects,
            unsettled: VecDeque::new(),
            settled: VecDeque::new(),
            held: VecDeque::new(),
            disputes: VecDeque::new(),
        }
    }

    /// Makes so many events, and in the end lets all fees be known.
    pub(crate) fn run(
        &mut self,
        state: &State,
        account: &Arc<Account>,
        events: usize,
    ) -> TrafficReport {
        let mut report = TrafficReport::default();
        while report.events.len() + self.unsettled.len() < events {
            self.step(state, account, &mut report);
        }
        while let Some(charge) = self.unsettled.pop_front() {
            self.play(state, account, &Act::SettleFees(charge), &mut report);
        }
        report
    }

    /// Lets one thing happen and tells how many events it made.
    pub(crate) fn tick(&mut self, state: &State, account: &Arc<Account>) -> f64 {
        let mut report = TrafficReport::default();
        self.step(state, account, &mut report);
        // What was impossible counts as something, so that ticks end.
        let events = u32::try_from(report.events.len()).unwrap_or(u32::MAX);
        f64::from(events.max(1))
    }

    /// Lets one thing happen.
    fn step(&mut self, state: &State, account: &Arc<Account>, report: &mut TrafficReport) {
        let kind = self.dice.weighted(&MIX);
        let wish = self
            .wish(kind)
            .unwrap_or_else(|| Act::Pay(PaymentSpec::default()));
        self.play(state, account, &wish, report);
    }

    fn wish(&mut self, kind: Kind) -> Option<Act> {
        Some(match kind {
            Kind::Settle => Act::SettleFees(self.unsettled.pop_front()?),
            Kind::Refund => Act::Refund {
                charge: self.any_settled()?,
                amount: self.dice.chance(0.4).then(|| self.dice.between(1..=90)),
            },
            Kind::Fail => Act::Fail(PaymentSpec::default()),
            Kind::Hold => Act::PayLater(PaymentSpec::default()),
            Kind::Capture => Act::Capture(self.held.pop_front()?),
            Kind::Dispute => Act::Dispute(self.any_settled()?),
            Kind::Close => Act::CloseDispute {
                dispute: self.disputes.pop_front()?,
                won: self.dice.chance(0.5),
            },
            Kind::Other if self.other_objects => self.other(),
            Kind::Pay | Kind::Other => return None,
        })
    }

    fn any_settled(&mut self) -> Option<String> {
        let at = self.dice.index(self.settled.len());
        self.settled.remove(at)
    }

    fn other(&mut self) -> Act {
        let (resource, event_type, change) = self.dice.pick(&OTHERS);
        Act::Change {
            resource: *resource,
            id: None,
            event_type: (*event_type).to_owned(),
            change: change.map_or(json!({}), |status| json!({ "status": status })),
        }
    }

    /// What has become impossible, as a refund of more than is left, is passed over.
    fn play(
        &mut self,
        state: &State,
        account: &Arc<Account>,
        wish: &Act,
        report: &mut TrafficReport,
    ) {
        let queue = |queue: &mut VecDeque<String>, id: String| {
            if queue.len() == REMEMBERED {
                queue.pop_front();
            }
            queue.push_back(id);
        };
        let is_new = matches!(wish, Act::Pay(_) | Act::PayLater(_) | Act::Fail(_));
        let done: Result<_, Impossible> = act(state, account, wish.clone());
        let Ok(done) = done else { return };
        report.events.extend(done.events);
        if is_new {
            report.charges.push(done.id.clone());
        }
        match wish {
            Act::Pay(_) | Act::Capture(_) => queue(&mut self.unsettled, done.id),
            Act::SettleFees(_) => queue(&mut self.settled, done.id),
            Act::PayLater(_) => queue(&mut self.held, done.id),
            Act::Dispute(_) => queue(&mut self.disputes, done.id),
            _ => {}
        }
    }
}

const OTHERS: [(Resource, &str, Option<&str>); 7] = [
    (Resource::Payout, "payout.created", Some("pending")),
    (Resource::Payout, "payout.paid", Some("paid")),
    (Resource::Transfer, "transfer.created", None),
    (Resource::Product, "product.created", None),
    (
        Resource::Subscription,
        "customer.subscription.created",
        Some("active"),
    ),
    (
        Resource::SetupIntent,
        "setup_intent.succeeded",
        Some("succeeded"),
    ),
    (Resource::PaymentMethod, "payment_method.attached", None),
];
