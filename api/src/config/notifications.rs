use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use super::{error::Problems, value};

/// How partners are told what happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationsConfig {
    /// The ports that https endpoints may have.
    #[serde(deserialize_with = "ports")]
    pub ports: Vec<u16>,
    /// Hosts at which http will do, and any port.
    #[serde(deserialize_with = "value::list")]
    pub http_hosts: Vec<String>,
    /// Send also to addresses that are not of the public internet.
    pub allow_private_addresses: bool,
    /// How long one attempt may take.
    pub request_timeout_seconds: u64,
    /// Messages under way at once, in each process.
    pub concurrency: usize,
    /// Of these, to one endpoint.
    pub concurrency_per_endpoint: usize,
}

impl NotificationsConfig {
    /// How long one attempt may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        let range = "notifications.request_timeout_seconds";
        problems.check_range(range, self.request_timeout_seconds, 1, 60);
        problems.check_range("notifications.concurrency", self.concurrency, 1, 1_000);
        problems.check_range(
            "notifications.concurrency_per_endpoint",
            self.concurrency_per_endpoint,
            1,
            100,
        );
        if self.ports.is_empty() {
            problems.add("notifications.ports", "must name a port, such as 443");
        }
    }
}

/// Reads ports from a list, a number, or a text with commas.
fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u16>, D::Error> {
    deserializer.deserialize_any(PortsVisitor)
}

struct PortsVisitor;

impl<'de> Visitor<'de> for PortsVisitor {
    type Value = Vec<u16>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ports, from 1 to 65535")
    }

    fn visit_u64<E: Error>(self, port: u64) -> Result<Self::Value, E> {
        let port = u16::try_from(port).ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| E::custom("must be ports, from 1 to 65535"))?;
        Ok(vec![port])
    }

    fn visit_i64<E: Error>(self, port: i64) -> Result<Self::Value, E> {
        self.visit_u64(u64::try_from(port).unwrap_or_default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let ports = text
            .split(',')
            .map(str::trim)
            .filter(|port| !port.is_empty());
        let port = |port: &str| match port.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(E::custom("must be ports, from 1 to 65535")),
        };
        ports.map(port).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut ports = Vec::new();
        while let Some(port) = items.next_element()? {
            ports.push(port);
        }
        Ok(ports)
    }
}
