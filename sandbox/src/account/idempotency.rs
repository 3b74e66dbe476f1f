//! Idempotency keys: the first outcome of a request is the outcome of all its repeats.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::StatusCode;

use crate::lock::lock;

/// The idempotency keys of an account.
#[derive(Default)]
pub(crate) struct Idempotency {
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    request: Bytes,
    outcome: Option<(StatusCode, Bytes)>,
}

/// What a request with a key meets.
pub(crate) enum Attempt {
    /// The key is new: run the request, then `finish` or `forget`.
    Fresh,
    /// The same request had this outcome.
    Replay(StatusCode, Bytes),
    /// The same request is still running.
    Running,
    /// The key was used for another request.
    Mismatch,
}

impl Idempotency {
    /// Takes the key for a request, described by its path and body.
    pub(crate) fn begin(&self, key: &str, request: &Bytes) -> Attempt {
        let mut known = lock(&self.known);
        match known.get(key) {
            None => {
                known.insert(
                    key.to_owned(),
                    Known {
                        request: request.clone(),
                        outcome: None,
                    },
                );
                Attempt::Fresh
            }
            Some(first) if first.request != *request => Attempt::Mismatch,
            Some(Known {
                outcome: Some((status, body)),
                ..
            }) => Attempt::Replay(*status, body.clone()),
            Some(_) => Attempt::Running,
        }
    }

    /// Keeps the outcome for the repeats.
    pub(crate) fn finish(&self, key: &str, status: StatusCode, body: Bytes) {
        if let Some(known) = lock(&self.known).get_mut(key) {
            known.outcome = Some((status, body));
        }
    }

    /// Frees a key whose request never ran.
    pub(crate) fn forget(&self, key: &str) {
        lock(&self.known).remove(key);
    }
}
