//! From a draft to an event that is listed and on its way.

use std::sync::Arc;

use super::{Draft, Event};
use crate::account::Account;
use crate::delivery::Target;
use crate::lock::lock;
use crate::state::State;

/// Lists the events of an account and sends them to whom they concern; returns their ids.
pub(crate) fn emit(state: &State, account: &Arc<Account>, drafts: Vec<Draft>) -> Vec<String> {
    let mut ids = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let id = state.token("evt_1", 23);
        ids.push(id.clone());
        let event = Arc::new(Event::new(id, draft, &account.id, account.livemode));
        let targets = targets(state, account, &event);
        event.goes_to(targets.len());
        lock(&account.events).add(Arc::clone(&event));
        state.delivery.enqueue(&event, targets);
    }
    ids
}

/// The endpoints that want an event: the account's own, and those of the platforms that it let in.
///
/// What became of a platform's access is listed by the platform and concerns only it.
pub(crate) fn targets(state: &State, account: &Arc<Account>, event: &Event) -> Vec<Target> {
    let mut targets = Vec::new();
    if event.account != account.id {
        wanting(account, event, true, &mut targets);
        return targets;
    }
    wanting(account, event, false, &mut targets);
    for platform in state.platforms_in(&account.id) {
        if let Some(platform) = state.account(&platform) {
            wanting(&platform, event, true, &mut targets);
        }
    }
    targets
}

/// Adds the endpoints of this owner that want the event.
fn wanting(owner: &Arc<Account>, event: &Event, connect: bool, out: &mut Vec<Target>) {
    if owner.livemode != event.livemode {
        return;
    }
    for endpoint in lock(&owner.webhooks).newest_first() {
        if endpoint.wants(&event.kind, connect) {
            out.push(Target {
                owner: Arc::clone(owner),
                endpoint: endpoint.id.clone(),
            });
        }
    }
}
