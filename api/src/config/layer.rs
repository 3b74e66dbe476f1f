use std::{fs, path::Path};

use figment::{
    Error, Metadata, Profile, Provider,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};

use super::error::ConfigError;

const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Some settings, and where they come from.
pub(super) struct Layer {
    origin: String,
    settings: Dict,
}

impl Layer {
    /// The defaults that are compiled in.
    pub(super) fn defaults() -> Result<Self, ConfigError> {
        Self::parse(Path::new("config.default.toml"), DEFAULTS)
    }

    /// The settings of a file.
    pub(super) fn file(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// A single setting.
    pub(super) fn setting(origin: String, key: &str, value: Value) -> Self {
        let settings = nest(key, value).into_dict().unwrap_or_default();
        Self { origin, settings }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        // The parser's own display would quote the line, and a secret with it.
        let settings = Toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            ConfigError::Syntax {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                message: error.message().to_owned(),
            }
        })?;
        Ok(Self {
            origin: path.display().to_string(),
            settings,
        })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.settings.clone()))
    }
}
