//! Webhook endpoints, as their owner sees them in the dashboard.

use serde_json::{Value, json};

use super::Sandbox;
use crate::lock::lock;
use crate::merchant::{
    EndpointWish, add_endpoint, delete_endpoint, enable_endpoint, endpoint_secret,
};

impl Sandbox {
    /// The endpoints of an account, oldest first, without their secrets.
    #[must_use]
    pub fn webhook_endpoints(&self, account: &str) -> Vec<Value> {
        self.with(account, |account| {
            let endpoints = lock(&account.webhooks);
            let mut all: Vec<_> = endpoints.newest_first().map(|it| json!(it)).collect();
            all.reverse();
            all
        })
        .unwrap_or_default()
    }

    /// The secret of an endpoint.
    #[must_use]
    pub fn endpoint_secret(&self, id: &str) -> Option<String> {
        endpoint_secret(&self.state, id)
    }

    /// Makes an endpoint by hand, at any address; with `connect` it gets the events of connected accounts.
    ///
    /// Returns its id, or nothing where the account has no room for it.
    pub fn add_webhook_endpoint(
        &self,
        account: &str,
        url: &str,
        events: &[&str],
        connect: bool,
        api_version: Option<&str>,
    ) -> Option<String> {
        let account = self.state.account(account)?;
        let wish = EndpointWish {
            url: url.to_owned(),
            events: events.iter().map(|name| (*name).to_owned()).collect(),
            connect,
            api_version: api_version.map(str::to_owned),
        };
        let made = add_endpoint(&self.state, &account, wish.draft());
        made.ok().map(|endpoint| endpoint.id)
    }

    /// Disables an endpoint, as Stripe does after days of failures; what is on its way waits.
    pub fn disable_webhook_endpoint(&self, id: &str) {
        enable_endpoint(&self.state, id, false);
    }

    /// Enables an endpoint again; what waited for it is tried again.
    pub fn enable_webhook_endpoint(&self, id: &str) {
        enable_endpoint(&self.state, id, true);
    }

    /// Deletes an endpoint, and what is on its way to it.
    pub fn delete_webhook_endpoint(&self, id: &str) {
        delete_endpoint(&self.state, id);
    }
}
