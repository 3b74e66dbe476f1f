//! One stored object: its JSON and where the ids of other objects stand in it.

use std::ops::Range;
use std::sync::Arc;

/// The text fields that lists filter by or that can be expanded.
const LINKS: [&str; 18] = [
    "allow_redisplay",
    "balance_transaction",
    "charge",
    "currency",
    "customer",
    "destination",
    "failure_balance_transaction",
    "invoice",
    "latest_charge",
    "payment_intent",
    "payment_method",
    "payout",
    "purpose",
    "source",
    "status",
    "subscription",
    "transfer_group",
    "type",
];

/// An object as it is answered, found once and spliced often.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) created: i64,
    pub(crate) id: Box<str>,
    pub(crate) json: Box<str>,
    links: Box<[Link]>,
    /// The payout that a balance transaction is part of: lists filter by it, no field tells it.
    pub(crate) payout: Option<Arc<str>>,
}

/// Where a text field stands: the range lies inside its quotes.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) field: &'static str,
    start: u32,
    end: u32,
}

impl Link {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Entry {
    pub(crate) fn new(id: &str, created: i64, json: String) -> Self {
        let links = links_of(&json);
        Self {
            created,
            id: id.into(),
            json: json.into_boxed_str(),
            links,
            payout: None,
        }
    }

    /// The links in the order in which they stand in the JSON.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&Link, &str)> {
        self.links
            .iter()
            .map(|link| (link, &self.json[link.range()]))
    }
}

/// Walks the top level of an object; of malformed JSON it takes what it can read.
fn links_of(json: &str) -> Box<[Link]> {
    let bytes = json.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    let mut key: Option<&'static str> = None;
    let mut expects_value = false;
    let mut links = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 => expects_value = true,
            b',' if depth == 1 => expects_value = false,
            b'"' => {
                let end = end_of_text(bytes, at + 1);
                if depth == 1 && !expects_value {
                    let name = json.get(at + 1..end).unwrap_or_default();
                    key = LINKS.into_iter().find(|known| *known == name);
                } else if depth == 1
                    && let Some(field) = key.take()
                    && let (Ok(start), Ok(end)) = (u32::try_from(at + 1), u32::try_from(end))
                {
                    links.push(Link { field, start, end });
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    links.into_boxed_slice()
}

/// The position of the quote that ends a text.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}
