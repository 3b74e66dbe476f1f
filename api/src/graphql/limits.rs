use std::time::Duration;

use super::paging::PageSizes;

/// What a single operation may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep fields may nest.
    pub max_depth: usize,
    /// What it may cost.
    pub max_cost: u64,
    /// How deep selection sets and fragments may nest, before the operation is looked at any closer.
    pub max_recursive_depth: usize,
    /// How many directives one field may carry.
    pub max_directives: usize,
    /// How many errors an answer tells; the rest is left out.
    pub max_errors: usize,
    /// Whether the schema is told to callers without a token.
    pub anonymous_introspection: bool,
    /// How many entries a page has where the client does not say.
    pub page_size: u64,
    /// How many entries a page has at most.
    pub max_page_size: u64,
    /// How soon a subscription ends whose token was revoked.
    pub token_check: Duration,
}

impl Default for Limits {
    /// Room for the largest page with everything on it, and for the introspection that tools send.
    fn default() -> Self {
        Self {
            max_depth: 18,
            max_cost: 50_000,
            max_recursive_depth: 32,
            max_directives: 10,
            max_errors: 10,
            anonymous_introspection: false,
            page_size: 25,
            max_page_size: 100,
            token_check: Duration::from_secs(30),
        }
    }
}

impl Limits {
    pub(super) fn page_sizes(&self) -> PageSizes {
        PageSizes {
            usual: self.page_size,
            most: self.max_page_size,
        }
    }
}
