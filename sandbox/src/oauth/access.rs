//! Letting platforms in, and out again.

use std::sync::Arc;

use serde_json::json;

use super::{AutoAnswer, Platform, PlatformHandle, PlatformSpec};
use crate::account::AccountSpec;
use crate::event::{Draft, Event, targets};
use crate::lock::lock;
use crate::state::State;

/// The name that merchants read.
const NAME: &str = "Example Gateway";

/// Makes a platform, its account and its secret key.
pub(crate) fn add_platform(state: &State, spec: PlatformSpec) -> PlatformHandle {
    let owner = AccountSpec {
        livemode: spec.livemode,
        ..AccountSpec::default().display_name(NAME)
    };
    let account = state.add_account(&owner);
    let platform = Platform {
        client_id: state.token("ca_", 32),
        kind: spec.kind,
        livemode: spec.livemode,
        name: NAME.to_owned(),
        redirect_uris: Vec::new(),
        answer: AutoAnswer::Ask,
        account,
    };
    let owner = state.account(&platform.account);
    let secret_key = owner.map(|owner| state.create_key(&owner, None));
    let handle = PlatformHandle {
        account: platform.account.clone(),
        client_id: platform.client_id.clone(),
        secret_key: secret_key.unwrap_or_default(),
    };
    state.oauth.add(platform);
    handle
}

/// Lets a platform into an account.
pub(crate) fn admit(state: &State, platform: &Platform, account: &str) {
    if state.connect(&platform.account, account) {
        tell(state, platform, account, "account.application.authorized");
    }
}

/// Takes a platform's access to an account back; tells whether it had any.
pub(crate) fn revoke(state: &State, platform: &Platform, account: &str) -> bool {
    let was_in = state.disconnect(&platform.account, account);
    if was_in {
        state.oauth.forget(&platform.client_id, account);
        tell(state, platform, account, "account.application.deauthorized");
    }
    was_in
}

/// Tells the platform, and nobody else, what became of its access; it is an event of the merchant's.
fn tell(state: &State, platform: &Platform, account: &str, kind: &str) {
    let Some(owner) = state.account(&platform.account) else {
        return;
    };
    let object = json!({"id": platform.client_id, "name": platform.name, "object": "application"});
    let draft = Draft::new(kind, state.clock.now().timestamp(), &object);
    let id = state.token("evt_1", 23);
    let event = Arc::new(Event::new(id, draft, account, platform.livemode));
    let targets = targets(state, &owner, &event);
    event.goes_to(targets.len());
    lock(&owner.events).add(Arc::clone(&event));
    state.delivery.enqueue(&event, targets);
}
