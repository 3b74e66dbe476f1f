use std::{fmt, io, path::PathBuf};

use figment::{
    Figment,
    error::{Actual, Kind},
};
use thiserror::Error;

/// Why the configuration cannot be used; it never repeats a value, which may be a secret.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file that was named is not there or cannot be read.
    #[error("the configuration file {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {path} is not TOML: line {line}: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// What the parser expected.
        message: String,
    },
    /// A variable is not UTF-8.
    #[error("the environment variable {0} is not UTF-8 text")]
    NotText(String),
    /// A secret is given both as a value and as a file.
    #[error("{0} and {0}_FILE are both set: keep one of them")]
    Twice(String),
    /// The file of a secret cannot be read.
    #[error("the file {path} that {variable} names cannot be read")]
    SecretFile {
        /// The variable that names the file.
        variable: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Settings that do not exist, or whose values cannot be used.
    #[error("{0}")]
    Settings(Problems),
}

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting, e.g. `server.public_url`.
    pub setting: String,
    /// What is wrong, e.g. `must be an http or https URL`.
    pub message: String,
    /// The variable or file that set it.
    pub origin: Option<String>,
}

/// All settings that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds a setting of which `message` says what it must be.
    pub(super) fn add(&mut self, setting: &str, message: impl Into<String>) {
        self.0.push(Problem {
            setting: setting.to_owned(),
            message: message.into(),
            origin: None,
        });
    }

    /// Adds a setting where the value is outside the range.
    pub(super) fn check_range<T>(&mut self, setting: &str, value: T, least: T, most: T)
    where
        T: PartialOrd + fmt::Display + Copy,
    {
        if value < least || value > most {
            self.add(
                setting,
                format!("must be from {least} to {most}, and is {value}"),
            );
        }
    }

    /// `Ok` where there is none, else the error that tells where each setting came from.
    pub(super) fn into_result(mut self, figment: &Figment) -> Result<(), ConfigError> {
        for problem in &mut self.0 {
            let metadata = figment.find_metadata(&problem.setting);
            problem.origin = metadata.map(|metadata| metadata.name.to_string());
        }
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Settings(self))
        }
    }
}

impl From<figment::Error> for ConfigError {
    fn from(errors: figment::Error) -> Self {
        let problems = errors.into_iter().map(|error| Problem {
            setting: error.path.join("."),
            message: sentence(&error.kind),
            origin: error.metadata.map(|metadata| metadata.name.into_owned()),
        });
        Self::Settings(Problems(problems.collect()))
    }
}

/// What is wrong, without the value: it may be a secret in the wrong place.
fn sentence(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => message.clone(),
        Kind::InvalidType(found, expected) => {
            format!("must be {}, and is {}", noun(expected), actual(found))
        }
        Kind::InvalidValue(Actual::Unsigned(_) | Actual::Signed(_), _) => {
            "is a number out of range".to_owned()
        }
        Kind::UnknownVariant(_, known) => format!("must be one of {}", known.join(", ")),
        Kind::UnknownField(..) => "is not a setting".to_owned(),
        Kind::MissingField(field) => format!("lacks {field}"),
        _ => "has a value that cannot be used".to_owned(),
    }
}

fn noun(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a boolean" => "true or false",
        "a string" => "a text",
        table if table.starts_with("struct ") => "a table",
        other => other,
    }
}

fn actual(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Str(_) | Actual::Char(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.message)?;
        match &self.origin {
            Some(origin) => write!(f, " (from {origin})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}
