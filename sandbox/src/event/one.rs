//! One event.

use std::sync::atomic::{AtomicUsize, Ordering};

/// An event; what it says of the object never changes.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) created: i64,
    pub(crate) livemode: bool,
    /// The merchant that it is about.
    pub(crate) account: String,
    /// `data`, written down when it happened.
    pub(crate) data: Box<str>,
    /// The request that caused it, if it was not Stripe itself.
    pub(crate) request: Option<String>,
    pending: AtomicUsize,
}

impl Event {
    pub(crate) fn new(id: String, draft: super::Draft, account: &str, livemode: bool) -> Self {
        Self {
            id,
            kind: draft.kind,
            created: draft.created,
            livemode,
            account: account.to_owned(),
            data: draft.data.into_boxed_str(),
            request: draft.request,
            pending: AtomicUsize::new(0),
        }
    }

    /// It goes to so many endpoints.
    pub(crate) fn goes_to(&self, endpoints: usize) {
        self.pending.store(endpoints, Ordering::Relaxed);
    }

    /// One endpoint has acknowledged it.
    pub(crate) fn acknowledge(&self) {
        let less = |pending: usize| Some(pending.saturating_sub(1));
        let _ = self
            .pending
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// How many endpoints have not acknowledged it.
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// Whether its type is this one; `charge.*` stands for all that begin so.
    pub(crate) fn is_a(&self, kind: &str) -> bool {
        match kind.strip_suffix('*') {
            Some(beginning) => self.kind.starts_with(beginning),
            None => self.kind == kind,
        }
    }

    /// The JSON of the event, in a version, naming its account where the reader has several.
    ///
    /// Ids, types and versions are made of plain letters, so nothing has to be escaped.
    pub(crate) fn body(&self, version: &str, names_account: bool) -> String {
        let account = if names_account {
            format!(r#""account":"{}","#, self.account)
        } else {
            String::new()
        };
        let request = self
            .request
            .as_ref()
            .map_or_else(|| "null".to_owned(), |id| format!(r#""{id}""#));
        format!(
            r#"{{"id":"{}","object":"event",{account}"api_version":"{version}","created":{},"data":{},"livemode":{},"pending_webhooks":{},"request":{{"id":{request},"idempotency_key":null}},"type":"{}"}}"#,
            self.id,
            self.created,
            self.data,
            self.livemode,
            self.pending(),
            self.kind,
        )
    }
}
