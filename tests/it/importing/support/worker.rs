//! A second process on a world's database.

use std::time::Duration;

use api::{
    app::{Machine, Role, Server, start},
    config::Config,
    lifecycle::Lifecycle,
};
use tests::{World, metrics};

/// A worker beside the world's gateway; it shares nothing with it but database and Redis.
pub(in super::super) struct Worker {
    server: Server,
    lifecycle: Lifecycle,
}

impl Worker {
    /// Starts it with these settings.
    pub(in super::super) async fn start(world: &World, settings: &[(&str, &str)]) -> Self {
        let own = [
            ("INLET_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
            ("INLET_STRIPE__API_URL", world.stripe.url()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut variables = world.variables();
        variables.extend(own.into_iter().chain(settings));
        let config = Config::from_variables(None, variables).unwrap();
        let lifecycle = Lifecycle::new();
        let machine = Machine::default();
        let server = start(&config, Role::Worker, &lifecycle, metrics(), &machine);
        Self {
            server: server.await.unwrap(),
            lifecycle,
        }
    }

    /// Ends it.
    pub(in super::super) async fn end(self) {
        assert!(self.lifecycle.finish(Duration::from_secs(20)).await);
        let store = self.server.app.gateway.store().clone();
        store.close().await.unwrap();
    }
}
