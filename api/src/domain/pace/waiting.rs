//! The requests of one connection that wait for their turns in this process.

use std::collections::VecDeque;

use tokio::{sync::oneshot, time::Instant};

use super::lane::LaneTurn;
use crate::{
    state::{Complaint, Want},
    stripe::{Endpoint, Urgency},
};

/// A question never names more requests: the rest is asked for with the next one.
const MOST: usize = 64;

/// A request that waits for its turn.
pub(super) struct Waiter {
    pub(super) endpoint: Endpoint,
    pub(super) urgency: Urgency,
    pub(super) give: oneshot::Sender<(Instant, LaneTurn)>,
}

/// What is to be said and asked for.
#[derive(Default)]
pub(super) struct Waiting {
    soon: VecDeque<Waiter>,
    in_turn: VecDeque<Waiter>,
    pub(super) under_way: u32,
    pub(super) out_of_turn: u32,
    pub(super) complaints: Vec<Complaint>,
    /// Somebody hands out turns.
    pub(super) is_served: bool,
    /// The last answer had no place for one that waits, and none was given back since.
    pub(super) is_full: bool,
    /// Places that were given back since the last question.
    pub(super) freed: u32,
    /// That nothing is under way any more was said.
    pub(super) has_said_idle: bool,
}

impl Waiter {
    pub(super) fn want(&self) -> Want {
        Want {
            endpoint: self.endpoint.name().clone(),
            most_per_second: self.endpoint.most_per_second(),
            waits_for_place: matches!(self.urgency, Urgency::InTurn | Urgency::FirstInTurn),
        }
    }
}

impl Waiting {
    /// At the end of those that are as urgent.
    pub(super) fn push(&mut self, waiter: Waiter) {
        let queue = self.of(waiter.urgency);
        match waiter.urgency {
            Urgency::FirstInTurn => queue.push_front(waiter),
            _ => queue.push_back(waiter),
        }
    }

    /// Those whose turn has not come keep their places in the queue.
    pub(super) fn put_back(&mut self, waiters: Vec<Waiter>) {
        for waiter in waiters.into_iter().rev() {
            self.of(waiter.urgency).push_front(waiter);
        }
    }

    /// The first, without those that were given up.
    pub(super) fn take(&mut self) -> Vec<Waiter> {
        let mut taken = Vec::new();
        for queue in [&mut self.soon, &mut self.in_turn] {
            queue.retain(|waiter| !waiter.give.is_closed());
            let room = MOST.saturating_sub(taken.len()).min(queue.len());
            taken.extend(queue.drain(..room));
        }
        taken
    }

    /// Whether there is something to ask for or to say that cannot wait.
    pub(super) fn has_news(&self) -> bool {
        let may_go = !self.soon.is_empty() || (!self.in_turn.is_empty() && !self.is_full);
        may_go || self.out_of_turn > 0 || !self.complaints.is_empty()
    }

    fn of(&mut self, urgency: Urgency) -> &mut VecDeque<Waiter> {
        match urgency {
            Urgency::InTurn | Urgency::FirstInTurn => &mut self.in_turn,
            Urgency::Soon | Urgency::AtOnce => &mut self.soon,
        }
    }
}
