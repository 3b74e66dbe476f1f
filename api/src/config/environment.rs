use std::{collections::BTreeMap, env, fs, path::PathBuf};

use figment::{Figment, value::Value};

use super::{error::ConfigError, layer::Layer};

const PREFIX: &str = "INLET_";
const LEVEL: &str = "__";
const FILE_SUFFIX: &str = "_FILE";

/// The variable that names the configuration file.
const CONFIG_VARIABLE: &str = "INLET_CONFIG";

/// The settings that may be given as a file, because they hold a secret.
const SECRETS: [&str; 7] = [
    "database.url",
    "redis.url",
    "secrets.master_keys",
    "stripe.oauth.live.secret_key",
    "stripe.oauth.live.webhook_secret",
    "stripe.oauth.test.secret_key",
    "stripe.oauth.test.webhook_secret",
];

/// The variables that begin with `INLET_` and are not empty.
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub(super) fn of_process() -> Result<Self, ConfigError> {
        let mut ours = Vec::new();
        for (name, value) in env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if name.starts_with(PREFIX) {
                let value = value.into_string();
                ours.push((name.clone(), value.map_err(|_| ConfigError::NotText(name))?));
            }
        }
        Ok(Self::of_pairs(ours))
    }

    /// These variables and no others.
    pub(super) fn of_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = |(name, value): &(String, String)| name.starts_with(PREFIX) && !value.is_empty();
        Self(pairs.into_iter().filter(ours).collect())
    }

    /// The configuration file that the environment names.
    pub(super) fn config_file(&self) -> Option<PathBuf> {
        self.0.get(CONFIG_VARIABLE).map(PathBuf::from)
    }

    /// Variables that look like ours and are no settings; Kubernetes sets such for a service named inlet.
    pub(super) fn ignored(&self) -> Vec<String> {
        let strange = |name: &&String| !is_setting(name) && *name != CONFIG_VARIABLE;
        self.0.keys().filter(strange).cloned().collect()
    }

    /// One layer per setting, typed as the defaults are.
    pub(super) fn layers(&self, defaults: &Figment) -> Result<Vec<Layer>, ConfigError> {
        let settings = self.0.iter().filter(|(name, _)| is_setting(name));
        settings
            .map(|(name, value)| self.layer(name, value, defaults))
            .collect()
    }

    fn layer(&self, name: &str, value: &str, defaults: &Figment) -> Result<Layer, ConfigError> {
        let key = key_of(name);
        let secret = name
            .strip_suffix(FILE_SUFFIX)
            .map(|base| (base, key_of(base)))
            .filter(|(_, key)| SECRETS.contains(&key.as_str()));
        let Some((base, key)) = secret else {
            let value = typed(value, defaults.find_value(&key).ok().as_ref());
            return Ok(Layer::setting(name.to_owned(), &key, value));
        };
        if self.0.contains_key(base) {
            return Err(ConfigError::Twice(base.to_owned()));
        }
        let text = fs::read_to_string(value).map_err(|source| ConfigError::SecretFile {
            variable: name.to_owned(),
            path: value.into(),
            source,
        })?;
        Ok(Layer::setting(name.to_owned(), &key, text.trim().into()))
    }
}

/// Whether the name has the form of a setting: a section, a key, and nothing empty between.
fn is_setting(name: &str) -> bool {
    name.contains(LEVEL) && !key_of(name).split('.').any(str::is_empty)
}

fn key_of(name: &str) -> String {
    let levels = name.strip_prefix(PREFIX).unwrap_or(name);
    levels.to_ascii_lowercase().replace(LEVEL, ".")
}

/// The value in the type of the default; a text where that does not work, for the error to tell.
fn typed(text: &str, default: Option<&Value>) -> Value {
    let text = text.trim();
    let value = match default {
        Some(Value::Num(..)) => text.parse::<u64>().ok().map(Value::from),
        Some(Value::Bool(..)) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or_else(|| Value::from(text))
}
