//! The authorize page.

use std::fmt::Write as _;
use std::sync::Arc;

use super::authorize::Request;
use crate::account::Account;
use crate::oauth::PlatformKind;

const PAGE: &str = include_str!("page.html");

/// The page that asks a person, its form going back to where it came from.
pub(super) fn page(request: &Request, action: &str, accounts: &[Arc<Account>]) -> String {
    let platform = &request.platform;
    let rights = match (platform.kind, request.scope.as_str()) {
        (PlatformKind::App, _) | (_, "read_only") => "It will be able to read your payments data.",
        _ => "It will be able to read and change your account.",
    };
    let disabled = if accounts.is_empty() { " disabled" } else { "" };
    let values = [
        ("{name}", escaped(&platform.name)),
        (
            "{mode}",
            if platform.livemode { "live" } else { "test" }.to_owned(),
        ),
        ("{rights}", rights.to_owned()),
        ("{action}", escaped(action)),
        ("{hidden}", hidden(request)),
        ("{accounts}", choices(accounts)),
        ("{disabled}", disabled.to_owned()),
        ("{host}", escaped(&host(request))),
    ];
    fill(PAGE, &values)
}

/// Puts values in place of their names, never looking into what was put in.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut page = String::with_capacity(template.len() + 1024);
    let mut rest = template;
    loop {
        let next = values
            .iter()
            .filter_map(|(name, value)| Some((rest.find(name)?, name.len(), value)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, length, value)) = next else {
            page.push_str(rest);
            return page;
        };
        page.push_str(&rest[..at]);
        page.push_str(value);
        rest = &rest[at + length..];
    }
}

fn hidden(request: &Request) -> String {
    let fields = [
        ("client_id", Some(request.platform.client_id.as_str())),
        ("response_type", Some("code")),
        ("redirect_uri", Some(request.redirect_uri.as_str())),
        ("scope", Some(request.scope.as_str())),
        ("state", request.state.as_deref()),
    ];
    let mut html = String::new();
    for (name, value) in fields {
        if let Some(value) = value {
            let value = escaped(value);
            let _ = writeln!(
                html,
                r#"<input type="hidden" name="{name}" value="{value}">"#
            );
        }
    }
    html
}

fn choices(accounts: &[Arc<Account>]) -> String {
    if accounts.is_empty() {
        return "<p>There is no account in this mode.</p>".to_owned();
    }
    let mut html = String::new();
    for (number, account) in accounts.iter().enumerate() {
        let checked = if number == 0 { " checked" } else { "" };
        let (id, name) = (escaped(&account.id), escaped(&account.display_name));
        let _ = writeln!(
            html,
            r#"<label><input type="radio" name="account" value="{id}"{checked}><span>{name}<small><span>{id}</span></small></span></label>"#
        );
    }
    html
}

fn host(request: &Request) -> String {
    let url = &request.redirect_uri;
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}
