//! Where a flow may end: an exact allowlist, so that nobody can make the gateway send users elsewhere.

use url::Url;

/// Whether a flow may return to what was asked for: `text` as it was written, `url` as it was read.
pub(super) fn may_return(text: &str, url: &Url, own: &Url, allowed: &[Url]) -> bool {
    if !is_plain(text, url) {
        return false;
    }
    url.origin() == own.origin() || allowed.iter().any(|entry| covers(entry, url))
}

/// An entry without a path allows its origin; any other allows itself, with whatever parameters.
fn covers(entry: &Url, url: &Url) -> bool {
    let origin_only = entry.path() == "/" && entry.query().is_none();
    entry.origin() == url.origin() && (origin_only || entry.path() == url.path())
}

/// Whether a URL says where it goes: reading it has changed nothing of its scheme, host and port.
fn is_plain(text: &str, url: &Url) -> bool {
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let graphic = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let origin = url.origin().ascii_serialization();
    let after = text
        .get(..origin.len())
        .filter(|start| start.eq_ignore_ascii_case(&origin))
        .and_then(|_| text.get(origin.len()..));
    let whole = after.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    web && bare && graphic && whole
}

/// The URL with one more parameter; what it has stays.
pub(in crate::domain) fn with_parameter(mut url: Url, name: &str, value: &str) -> Url {
    url.query_pairs_mut().append_pair(name, value);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        let url = |text: &str| Url::parse(text).unwrap();
        let entries = [
            url("https://app.example"),
            url("https://shop.example/after"),
            url("http://localhost:3000"),
        ];
        let own = url("https://inlet.example/base");
        Url::parse(text).is_ok_and(|url| may_return(text, &url, &own, &entries))
    }

    #[test]
    fn what_the_operator_allows_is_returned_to() {
        for text in [
            "https://app.example",
            "https://app.example/",
            "https://app.example/any/path?a=b",
            "https://app.example?a=b",
            "https://APP.example/x",
            "https://shop.example/after",
            "https://shop.example/after?tab=2",
            "http://localhost:3000/x",
            "https://inlet.example/",
            "https://inlet.example/console",
        ] {
            assert!(allowed(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_returned_to() {
        for text in [
            "//evil.example",
            "//app.example",
            "/after",
            "https://evil.example",
            "https://app.example@evil.example",
            "https://app.example:443@evil.example/",
            "https://user@app.example/",
            "https://user:pw@app.example/",
            "https://@app.example/",
            "javascript:alert(1)",
            "javascript://app.example/%0aalert(1)",
            "data:text/html,x",
            "ftp://app.example/",
            "\\\\evil.example",
            "https:\\\\app.example",
            "https:/app.example",
            "https:app.example",
            "https:///app.example",
            "https://app.example\\@evil.example",
            "https://evil.example\\.app.example",
            "https://app.example/\r\nSet-Cookie: a=b",
            "https://app.example/a b",
            " https://app.example/",
            "https://app.example/\t",
            "https://app.example/\0",
            "https://sub.app.example/",
            "https://xapp.example/",
            "https://app.example.evil.example/",
            "https://app.example./",
            "https://app.example:8443/",
            "https://app.example:443/",
            "http://app.example/",
            "https://app.example/#x",
            "https://shop.example/",
            "https://shop.example/after/",
            "https://shop.example/after/../other",
            "https://shop.example/AFTER",
            "https://shop.example/other",
            "http://localhost:3001/",
            "https://аpp.example/",
            "https://ａpp.example/",
            "https://app。example/",
            "https://app.example/ü",
        ] {
            assert!(!allowed(text), "{text:?}");
        }
    }

    #[test]
    fn parameters_are_added_to_those_that_are_there() {
        let url = Url::parse("https://app.example/a?b=c%26").unwrap();

        assert_eq!(
            with_parameter(url, "error", "X").as_str(),
            "https://app.example/a?b=c%26&error=X"
        );
    }
}
