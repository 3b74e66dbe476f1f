//! What an address must be before anything is looked up.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::is_public;

/// The longest address.
const LONGEST: usize = 2_048;

/// What an operator may decide about addresses.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Let addresses through that are not of the public internet.
    pub allow_private_addresses: bool,
    /// Hosts at which http will do, and any port.
    pub http_hosts: Vec<String>,
    /// The ports of https.
    pub ports: Vec<u16>,
}

/// Why nothing is sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// It is too long.
    #[error("The URL is too long: it may have at most {LONGEST} characters.")]
    TooLong,
    /// It is not https.
    #[error("The URL must start with https://.")]
    Scheme,
    /// It has a user, a password, or a fragment.
    #[error("The URL must not hold a user name, a password or a fragment (#…).")]
    Extra,
    /// The port is none of those that are allowed.
    #[error("The URL's port is not allowed: use one of {}.", listed(.0))]
    Port(Vec<u16>),
    /// It is of a network that is not the public internet.
    #[error("The URL's host must be on the public internet.")]
    Private,
}

fn listed(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.join(", ")
}

impl Policy {
    /// Whether messages may go to an address, as far as its text tells.
    pub fn check(&self, url: &Url) -> Result<(), AddressProblem> {
        if url.as_str().len() > LONGEST {
            return Err(AddressProblem::TooLong);
        }
        let host = url.host_str().unwrap_or_default();
        let trusted = self.http_hosts.iter().any(|name| name == host);
        if url.scheme() != "https" && !(trusted && url.scheme() == "http") {
            return Err(AddressProblem::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(AddressProblem::Extra);
        }
        let port = url.port_or_known_default();
        if !trusted && !port.is_some_and(|port| self.ports.contains(&port)) {
            return Err(AddressProblem::Port(self.ports.clone()));
        }
        let reachable = match url.host() {
            Some(Host::Domain(name)) => self.allow_private_addresses || is_public_name(name),
            Some(Host::Ipv4(address)) => self.may_connect(address.into()),
            Some(Host::Ipv6(address)) => self.may_connect(address.into()),
            None => false,
        };
        if reachable {
            Ok(())
        } else {
            Err(AddressProblem::Private)
        }
    }

    /// Whether a connection may be made to an address.
    pub(super) fn may_connect(&self, address: IpAddr) -> bool {
        self.allow_private_addresses || is_public(address)
    }
}

/// Whether a name can be one of the public internet. What it stands for is found out when it is sent to.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let Some((_, top)) = name.rsplit_once('.') else {
        return false;
    };
    !["localhost", "local", "internal", "home", "lan"].contains(&top)
        && !name.ends_with("home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Policy {
        Policy {
            ports: vec![443, 8443],
            ..Policy::default()
        }
    }

    fn check(policy: &Policy, url: &str) -> Result<(), AddressProblem> {
        policy.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn https_on_the_public_internet_is_taken() {
        for url in [
            "https://partner.example/hooks",
            "https://partner.example:8443/hooks?key=1",
            "https://PARTNER.example.:443/",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
            "https://bücher.example/",
        ] {
            assert_eq!(check(&public(), url), Ok(()), "{url}");
        }
    }

    #[test]
    fn every_way_of_writing_an_address_inside_is_refused() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://１２７.0.0.1/",
            "https://127.0.0.1./",
            "https://0/",
            "https://169.254.169.254/latest/meta-data/",
            "https://2852039166/",
            "https://10.1.2.3:8443/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://redis/",
            "https://printer.local/",
            "https://metadata.google.internal/",
        ] {
            assert_eq!(check(&public(), url), Err(AddressProblem::Private), "{url}");
        }
    }

    #[test]
    fn what_else_is_odd_is_refused_with_its_reason() {
        use AddressProblem::{Extra, Port, Scheme, TooLong};
        let long = format!("https://partner.example/{}", "x".repeat(2_048));
        for (url, problem) in [
            ("http://partner.example/", Scheme),
            ("ftp://partner.example/", Scheme),
            ("file:///etc/passwd", Scheme),
            ("gopher://partner.example/", Scheme),
            ("https://user@partner.example/", Extra),
            ("https://:pw@partner.example/", Extra),
            ("https://partner.example/#x", Extra),
            ("https://partner.example:22/", Port(vec![443, 8443])),
            ("https://partner.example:6379/", Port(vec![443, 8443])),
            ("https://partner.example:80/", Port(vec![443, 8443])),
            (&long, TooLong),
        ] {
            assert_eq!(check(&public(), url), Err(problem), "{url}");
        }
    }

    #[test]
    fn development_may_use_http_at_the_hosts_that_are_named() {
        let named = Policy {
            http_hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            ..public()
        };
        let inside = Policy {
            allow_private_addresses: true,
            ..named.clone()
        };

        assert_eq!(check(&inside, "http://localhost:3000/hooks"), Ok(()));
        assert_eq!(check(&inside, "http://127.0.0.1:3000/hooks"), Ok(()));
        assert_eq!(check(&inside, "https://10.0.0.1/hooks"), Ok(()));
        let scheme = check(&inside, "http://10.0.0.1/hooks");
        assert_eq!(scheme, Err(AddressProblem::Scheme));
        let private = check(&named, "http://localhost:3000/hooks");
        assert_eq!(private, Err(AddressProblem::Private));
    }
}
