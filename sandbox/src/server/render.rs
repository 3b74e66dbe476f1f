//! Objects and pages as bytes: stored JSON, with the expanded objects spliced in.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::expand::Expansion;
use crate::account::{Books, Entry, Page, Selection};
use crate::resource::Resource;

/// How many objects a list within an object carries.
const NESTED: usize = 10;

/// An answer of JSON that is already written.
pub(super) fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Writes a page as a list at this URL.
pub(super) fn write_page(
    out: &mut Vec<u8>,
    books: &Books,
    page: &Page<'_>,
    expansion: &Expansion,
    url: &str,
) {
    let size: usize = page.entries.iter().map(|entry| entry.json.len() + 1).sum();
    let spare = if expansion.fields.is_empty() {
        128
    } else {
        128 + page.entries.len() * 640
    };
    out.reserve(size + spare);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    for (at, entry) in page.entries.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_entry(out, books, entry, expansion);
    }
    out.extend_from_slice(if page.has_more {
        b"],\"has_more\":true,\"url\":\""
    } else {
        b"],\"has_more\":false,\"url\":\""
    });
    out.extend_from_slice(url.as_bytes());
    out.extend_from_slice(b"\"}");
}

/// Writes one object.
pub(super) fn write_entry(out: &mut Vec<u8>, books: &Books, entry: &Entry, expansion: &Expansion) {
    let json = entry.json.as_bytes();
    if expansion.fields.is_empty() {
        out.extend_from_slice(json);
        return;
    }
    let mut written = 0;
    for (link, id) in entry.links() {
        let Some(inner) = expansion.fields.get(link.field) else {
            continue;
        };
        let Some((_, object)) = books.find_any(id) else {
            continue;
        };
        let range = link.range();
        // The quotes go with the id.
        out.extend_from_slice(&json[written..range.start - 1]);
        write_entry(out, books, object, inner);
        written = (range.end + 1).min(json.len());
    }
    match (expansion.fields.get("refunds"), json.split_last()) {
        (Some(inner), Some((b'}', head))) => {
            out.extend_from_slice(&head[written.min(head.len())..]);
            out.extend_from_slice(b",\"refunds\":");
            write_refunds(out, books, &entry.id, inner);
            out.push(b'}');
        }
        _ => out.extend_from_slice(&json[written..]),
    }
}

fn write_refunds(out: &mut Vec<u8>, books: &Books, charge: &str, expansion: &Expansion) {
    let selection = Selection::of("charge", charge, NESTED);
    // Without a cursor there is none that could be unknown.
    if let Ok(page) = books.shelf(Resource::Refund).page(&selection) {
        write_page(
            out,
            books,
            &page,
            expansion,
            &format!("/v1/charges/{charge}/refunds"),
        );
    }
}
