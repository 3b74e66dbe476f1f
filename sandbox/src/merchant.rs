//! What merchants and platforms do with webhook endpoints.

use std::sync::Arc;

use serde_json::Map;

use crate::account::{Account, NoRoom, WebhookEndpoint};
use crate::lock::lock;
use crate::state::State;

/// The wish for an endpoint.
pub(crate) struct EndpointWish {
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    /// Whether it gets the events of connected accounts instead of its own account's.
    pub(crate) connect: bool,
    pub(crate) api_version: Option<String>,
}

impl EndpointWish {
    /// The endpoint without what only Stripe knows.
    pub(crate) fn draft(self) -> WebhookEndpoint {
        WebhookEndpoint {
            id: String::new(),
            object: "webhook_endpoint",
            api_version: self.api_version,
            application: self.connect.then(String::new),
            created: 0,
            description: None,
            enabled_events: self.events,
            livemode: false,
            metadata: Map::new(),
            status: "enabled",
            url: self.url,
            secret: String::new(),
        }
    }
}

/// Puts an endpoint into an account, if there is room for it.
pub(crate) fn add_endpoint(
    state: &State,
    account: &Account,
    mut endpoint: WebhookEndpoint,
) -> Result<WebhookEndpoint, NoRoom> {
    let mut endpoints = lock(&account.webhooks);
    endpoints.room_for(endpoint.api_version.as_deref(), &account.api_version)?;
    endpoint.id = state.token("we_1", 23);
    endpoint.secret = state.token("whsec_", 32);
    endpoint.created = state.clock.now().timestamp();
    endpoint.livemode = account.livemode;
    if let Some(application) = &mut endpoint.application {
        let platform = state.oauth.platform_of(&account.id);
        *application = platform.map_or_else(|| "ca_sandbox".to_owned(), |it| it.client_id);
    }
    endpoints.add(endpoint.clone());
    Ok(endpoint)
}

/// Disables or enables an endpoint of any account; tells whether it is there.
pub(crate) fn enable_endpoint(state: &State, id: &str, enabled: bool) -> bool {
    let changed = find(state, id).is_some_and(|account| {
        lock(&account.webhooks)
            .find_mut(id)
            .is_some_and(|endpoint| {
                endpoint.status = if enabled { "enabled" } else { "disabled" };
                true
            })
    });
    if changed && enabled {
        state.delivery.enabled(id);
    }
    changed
}

/// Deletes an endpoint of any account; tells whether it was there.
pub(crate) fn delete_endpoint(state: &State, id: &str) -> bool {
    find(state, id).is_some_and(|account| {
        let removed = lock(&account.webhooks).remove(id);
        // What waits for it meets nobody and ends.
        state.delivery.enabled(id);
        removed
    })
}

/// The secret of an endpoint, which Stripe's dashboard shows to its owner.
pub(crate) fn endpoint_secret(state: &State, id: &str) -> Option<String> {
    let account = find(state, id)?;
    let endpoints = lock(&account.webhooks);
    endpoints.find(id).map(|endpoint| endpoint.secret.clone())
}

fn find(state: &State, id: &str) -> Option<Arc<Account>> {
    let mut accounts = state.accounts().into_iter();
    accounts.find(|account| lock(&account.webhooks).find(id).is_some())
}
