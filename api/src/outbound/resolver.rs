//! Looks names up and lets through only addresses that may be sent to. What is connected to is what was checked: a name
//! that means something else a moment later gains nothing.

use std::{io, net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::policy::Policy;

/// Looks names up under a policy.
pub(super) struct CheckedResolver {
    pub(super) policy: Arc<Policy>,
}

/// A name has no address that may be sent to: it has none at all, or none outside. Which of both is not told: it
/// would tell about names of the network inside.
#[derive(Debug, thiserror::Error)]
#[error("the host has no address that may be sent to")]
pub(super) struct NoAddress;

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let found: io::Result<Vec<SocketAddr>> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map(Iterator::collect);
            let allowed = allowed(&policy, found.unwrap_or_default());
            if allowed.is_empty() {
                return Err(NoAddress.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

fn allowed(policy: &Policy, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let allowed = found.into_iter();
    allowed
        .filter(|address| policy.may_connect(address.ip()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver(allow_private_addresses: bool) -> CheckedResolver {
        CheckedResolver {
            policy: Arc::new(Policy {
                allow_private_addresses,
                ..Policy::default()
            }),
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_has_no_address_unless_that_is_allowed() {
        let name = || "localhost".parse::<Name>().unwrap();

        let refused = resolver(false).resolve(name()).await.err().unwrap();
        let found = resolver(true).resolve(name()).await.unwrap();

        assert!(refused.is::<NoAddress>());
        assert!(found.count() > 0);
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_refused_in_the_same_words() {
        let name = "no-such-host.invalid".parse().unwrap();

        let refused = resolver(false).resolve(name).await.err().unwrap();

        assert!(refused.is::<NoAddress>());
    }

    #[test]
    fn of_several_addresses_only_those_outside_are_left() {
        let policy = Policy::default();
        let found = ["10.0.0.1:0", "8.8.8.8:0", "[::1]:0"].map(|text| text.parse().unwrap());

        let left = allowed(&policy, found.to_vec());

        assert_eq!(left, ["8.8.8.8:0".parse().unwrap()]);
    }
}
