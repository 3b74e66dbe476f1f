use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use url::Url;

use super::error::Problems;

const NOT_A_URL: &str = "must be a whole URL, such as https://example.com";

/// Reads a URL; the message does not repeat it, since it may hold a password.
pub(super) fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    parse_url(&String::deserialize(deserializer)?)
}

/// Reads a URL that has no default.
pub(super) fn optional_url<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref().map(parse_url).transpose()
}

/// Reads URLs from a list, or from a text with commas.
pub(super) fn urls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Url>, D::Error> {
    let texts = list(deserializer)?;
    texts.iter().map(|text| parse_url(text)).collect()
}

/// Reads texts from a list, or from a text with commas.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(ListVisitor)
}

fn parse_url<E: Error>(text: &str) -> Result<Url, E> {
    Url::parse(text).map_err(|_| E::custom(NOT_A_URL))
}

/// Checks what every http address must be.
pub(super) fn check_http_url(setting: &str, url: &Url, problems: &mut Problems) {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        problems.add(setting, "must be an http or https URL");
    } else if !url.username().is_empty() || url.password().is_some() {
        problems.add(setting, "must not hold a user name or password");
    } else if url.fragment().is_some() {
        problems.add(setting, "must not have a fragment (#…)");
    }
}

/// Whether only this machine reaches the host of a URL.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A URL for logs: without user, password and parameters.
pub(super) fn redacted(url: &SecretString) -> String {
    let Ok(mut url) = Url::parse(url.expose_secret()) else {
        return "(not a URL)".to_owned();
    };
    url.set_query(None);
    url.set_fragment(None);
    // Both refuse a URL without a host, which has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let items = text.split(',').map(str::trim);
        Ok(items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_in_a_log_holds_no_secret() {
        for (url, shown) in [
            (
                "postgres://inlet:pw@db/inlet?password=pw",
                "postgres://db/inlet",
            ),
            ("redis://:pw@cache:6379/1", "redis://cache:6379/1"),
            ("sqlite://inlet.db?mode=rwc", "sqlite://inlet.db"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("pw", "(not a URL)"),
        ] {
            assert_eq!(redacted(&url.into()), shown);
        }
    }

    #[test]
    fn this_machine_is_recognised() {
        let loopback = |url: &str| is_loopback(&Url::parse(url).unwrap());

        assert!(
            ["http://localhost:1", "http://127.0.0.2", "http://[::1]/"].map(loopback) == [true; 3]
        );
        assert!(["http://10.0.0.1", "http://localhost.example"].map(loopback) == [false; 2]);
    }
}
