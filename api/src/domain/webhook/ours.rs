//! Whether a webhook endpoint at Stripe points at this gateway. What does not is never touched.

use url::Url;
use uuid::Uuid;

use crate::ids::ConnectionId;

/// Where Stripe is asked to send events to, below the public URL.
const PATH: &str = "/webhooks/stripe";

/// This gateway's own addresses for events.
#[derive(Clone, Debug)]
pub(in crate::domain) struct Addresses {
    public: Url,
    /// The normalised path of the platform's address; the others lie below it.
    prefix: String,
}

/// What an endpoint's address tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bearing {
    /// It lies at this gateway's addresses.
    pub(super) points_here: bool,
    /// It lies at this gateway's host.
    pub(super) same_host: bool,
    /// The connection that the address names.
    pub(super) connection: Option<Uuid>,
}

impl Addresses {
    /// The addresses of a gateway that is reached at a URL.
    pub(in crate::domain) fn of(public: &Url) -> Self {
        let path = format!("{}{PATH}", public.path().trim_end_matches('/'));
        Self {
            public: public.clone(),
            prefix: normal_path(&path),
        }
    }

    /// The address of a connection's own endpoint.
    pub(in crate::domain) fn of_connection(&self, connection: ConnectionId) -> String {
        format!("{}/{connection}", self.of_platform())
    }

    /// The address of the platform's endpoint, for connections that were authorized.
    pub(in crate::domain) fn of_platform(&self) -> String {
        let public = self.public.as_str().trim_end_matches('/');
        format!("{public}{PATH}")
    }

    /// What an endpoint's address tells. User, query and fragment do not change where events go to.
    pub(super) fn bearing(&self, url: &str) -> Bearing {
        let Ok(url) = Url::parse(url.trim()) else {
            return Bearing::default();
        };
        let same_host = host(&url).is_some() && host(&url) == host(&self.public);
        let same_origin = same_host
            && url.scheme() == self.public.scheme()
            && url.port_or_known_default() == self.public.port_or_known_default();
        let path = normal_path(url.path());
        let below = path.strip_prefix(&self.prefix).filter(|_| same_origin);
        let tail = below.filter(|tail| tail.is_empty() || tail.starts_with('/'));
        Bearing {
            points_here: tail.is_some(),
            same_host,
            connection: tail.and_then(|tail| Uuid::parse_str(tail.trim_start_matches('/')).ok()),
        }
    }

    /// Whether two addresses are the same one.
    pub(super) fn same(one: &str, other: &str) -> bool {
        let normal = |text: &str| {
            let url = Url::parse(text.trim()).ok()?;
            let place = (host(&url)?, url.port_or_known_default());
            let query = url.query().map(str::to_owned);
            Some((
                url.scheme().to_owned(),
                place,
                normal_path(url.path()),
                query,
            ))
        };
        normal(one).is_some_and(|one| Some(one) == normal(other))
    }
}

/// The host as names are looked up: in lower case, which parsing sees to, and without the root's dot.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_owned())
}

/// A path in which nothing is encoded that need not be, without a slash at its end. An encoded slash stays one: it
/// divides nothing.
fn normal_path(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let digits = rest.get(at + 1..at + 3);
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if is_unreserved(byte) => plain.push(char::from(byte)),
            Some(_) => plain.push_str(&rest[at..at + 3].to_ascii_uppercase()),
            None => {
                plain.push('%');
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 3..];
    }
    plain.push_str(rest);
    plain.truncate(plain.trim_end_matches('/').len());
    plain
}

/// RFC 3986, section 2.3: what means the same whether it is encoded or not.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0193a5f0-0000-7000-8000-000000000001";

    fn at(public: &str) -> Addresses {
        Addresses::of(&Url::parse(public).unwrap())
    }

    fn points_here(public: &str, url: &str) -> bool {
        at(public).bearing(url).points_here
    }

    #[test]
    fn addresses_lie_below_the_public_url() {
        let id = ConnectionId(Uuid::parse_str(ID).unwrap());
        for (public, base) in [
            (
                "https://pay.example.com",
                "https://pay.example.com/webhooks/stripe",
            ),
            (
                "https://pay.example.com/",
                "https://pay.example.com/webhooks/stripe",
            ),
            (
                "https://example.com/inlet",
                "https://example.com/inlet/webhooks/stripe",
            ),
            (
                "https://example.com:8443/a/b/",
                "https://example.com:8443/a/b/webhooks/stripe",
            ),
        ] {
            assert_eq!(at(public).of_platform(), base);
            assert_eq!(at(public).of_connection(id), format!("{base}/{ID}"));
            let bearing = at(public).bearing(&at(public).of_connection(id));
            assert_eq!(
                (bearing.points_here, bearing.connection),
                (true, Some(id.0))
            );
        }
    }

    #[test]
    fn one_address_may_be_written_in_many_ways() {
        for url in [
            "https://pay.example.com/webhooks/stripe",
            "https://pay.example.com/webhooks/stripe/",
            "HTTPS://PAY.Example.COM/webhooks/stripe/x",
            "https://pay.example.com:443/webhooks/stripe/x",
            "https://pay.example.com./webhooks/stripe/x",
            "https://pay.example.com/web%68ooks/%73tripe/x",
            "https://pay.example.com/webhooks/./old/../stripe/x",
            "https://user:secret@pay.example.com/webhooks/stripe/x",
            "https://pay.example.com/webhooks/stripe/x?version=2#top",
            "  https://pay.example.com/webhooks/stripe/x ",
        ] {
            assert!(points_here("https://pay.example.com", url), "{url}");
        }
        assert!(points_here(
            "https://bücher.example",
            "https://xn--bcher-kva.example/webhooks/stripe"
        ));
        assert!(points_here(
            "http://127.0.0.1:8080/a%62/",
            "http://127.0.0.1:8080/ab/webhooks/stripe/x"
        ));
        assert!(points_here(
            "http://[::1]:8080",
            "http://[0:0:0:0:0:0:0:1]:8080/webhooks/stripe"
        ));
    }

    #[test]
    fn what_only_looks_like_ours_is_not() {
        for url in [
            "",
            "nonsense",
            "/webhooks/stripe",
            "https://pay.example.com",
            "https://pay.example.com/webhooks",
            "https://pay.example.com/webhooks/stripes",
            "https://pay.example.com/webhooks/stripe-old/x",
            "https://pay.example.com/webhooks%2Fstripe/x",
            "https://pay.example.com/WEBHOOKS/stripe/x",
            "https://pay.example.com/webhooks//stripe/x",
            "https://pay.example.com/x/webhooks/stripe",
            "https://pay.example.com/webhooks/stripe/../other",
            "https://pay.example.com/other?to=/webhooks/stripe",
            "https://pay.example.com:8443/webhooks/stripe/x",
            "http://pay.example.com/webhooks/stripe/x",
            "https://other.example.com/webhooks/stripe/x",
            "https://example.com/webhooks/stripe/x",
            "https://pay.example.com.evil.test/webhooks/stripe/x",
            "https://pay.example.com@evil.test/webhooks/stripe/x",
            "ftp://pay.example.com/webhooks/stripe/x",
            "mailto:pay.example.com/webhooks/stripe",
        ] {
            assert!(!points_here("https://pay.example.com", url), "{url}");
        }
        assert!(!points_here(
            "https://example.com/inlet",
            "https://example.com/webhooks/stripe/x"
        ));
        assert!(!points_here(
            "https://example.com/inlet",
            "https://example.com/inlet2/webhooks/stripe"
        ));
    }

    #[test]
    fn the_host_alone_is_known_whatever_the_path() {
        let ours = at("https://pay.example.com/a");
        assert!(ours.bearing("http://pay.example.com:9/x").same_host);
        assert!(
            !ours
                .bearing("https://example.com/a/webhooks/stripe")
                .same_host
        );
    }

    #[test]
    fn the_same_address_is_the_same_however_it_is_written() {
        let one = "https://pay.example.com/webhooks/stripe/x";
        assert!(Addresses::same(
            one,
            "https://PAY.example.com:443/webhooks/%73tripe/x/"
        ));
        for other in [
            "https://pay.example.com/webhooks/stripe/y",
            "https://pay.example.com/webhooks/stripe/x?a=b",
            "http://pay.example.com/webhooks/stripe/x",
            "nonsense",
        ] {
            assert!(!Addresses::same(one, other), "{other}");
        }
        assert!(!Addresses::same("nonsense", "nonsense"));
    }

    proptest! {
        #[test]
        fn no_text_upsets_it_and_only_the_prefix_is_ours(text in "\\PC*") {
            let ours = at("https://pay.example.com");
            let _ = ours.bearing(&text);
            let below = ours.bearing(&format!("https://pay.example.com/{text}"));
            if below.points_here {
                prop_assert!(below.same_host);
            }
        }

        #[test]
        fn encoding_what_need_not_be_encoded_changes_nothing(mask in prop::collection::vec(any::<bool>(), 20)) {
            let path: String = "webhooks/stripe/x-._".chars().zip(mask).map(|(c, encode)| {
                // A dot that stands for a folder is one in any spelling.
                if encode && !matches!(c, '/' | '.') { format!("%{:02x}", u32::from(c)) } else { c.to_string() }
            }).collect();
            let url = format!("https://pay.example.com/{path}");
            prop_assert!(points_here("https://pay.example.com", &url), "{url}");
        }
    }
}
