use std::path::Path;

use figment::Figment;
use serde::Deserialize;

use super::{
    database::DatabaseConfig,
    environment::Environment,
    error::{ConfigError, Problems},
    export::ExportConfig,
    host::HostConfig,
    import::ImportConfig,
    inbox::InboxConfig,
    layer::Layer,
    limits::LimitsConfig,
    log::LogConfig,
    notifications::NotificationsConfig,
    redis::RedisConfig,
    secrets::SecretsConfig,
    server::ServerConfig,
    stripe::StripeConfig,
    warning,
};

/// Every setting of the gateway; `config.default.toml` says what each is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the server listens on, and how it is reached.
    pub server: ServerConfig,
    /// Where everything is stored.
    pub database: DatabaseConfig,
    /// What replicas share.
    pub redis: RedisConfig,
    /// What seals the secrets at rest.
    pub secrets: SecretsConfig,
    /// How Stripe is called, and how merchants connect.
    pub stripe: StripeConfig,
    /// Whose users may call with tokens of their own.
    pub host: HostConfig,
    /// How fast histories are imported.
    pub import: ImportConfig,
    /// How connections are kept live.
    pub inbox: InboxConfig,
    /// Payments as files.
    pub export: ExportConfig,
    /// How partners are told what happens.
    pub notifications: NotificationsConfig,
    /// What a client may ask for.
    pub limits: LimitsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    #[serde(skip)]
    pub(super) ignored: Vec<String>,
}

impl Config {
    /// Loads the settings of this process; the path, where given, wins over `INLET_CONFIG`.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_environment(path, &Environment::of_process()?)
    }

    /// Loads the settings as [`Config::load`] does, with these variables in place of the process's own.
    pub fn from_variables(
        path: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Self::from_environment(path, &Environment::of_pairs(variables))
    }

    /// Settings that work, and that the operator should know about.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        warning::warnings(self)
    }

    fn from_environment(
        path: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let figment = figment(path, environment)?;
        let mut config: Self = figment.extract()?;
        config.check().into_result(&figment)?;
        config.ignored = environment.ignored();
        Ok(config)
    }

    fn check(&self) -> Problems {
        let mut problems = Problems::default();
        self.server.check(&mut problems);
        self.database.check(&mut problems);
        self.redis.check(&mut problems);
        self.stripe.check(&mut problems);
        self.host.check(&mut problems);
        self.import.check(&mut problems);
        self.inbox.check(&mut problems);
        self.export.check(&mut problems);
        self.notifications.check(&mut problems);
        self.limits.check(self.server.max_body_bytes, &mut problems);
        problems
    }
}

/// The layers, each over the one before: defaults, file, variables.
fn figment(path: Option<&Path>, environment: &Environment) -> Result<Figment, ConfigError> {
    let named = environment.config_file();
    let defaults = Figment::from(Layer::defaults()?);
    let variables = environment.layers(&defaults)?;
    let with_file = match path.or(named.as_deref()) {
        Some(path) => defaults.merge(Layer::file(path)?),
        None => defaults,
    };
    Ok(variables.into_iter().fold(with_file, Figment::merge))
}
