//! Documents that were executed before: reading and validating one takes longer than executing it.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, OperationType},
};
use lru::LruCache;

use super::{flat::Kept, operation::chosen, schema::Schema};

/// The documents that a process keeps at most.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(499);

/// A longer text is read each time.
const LONGEST: usize = 16 * 1_024;

/// Documents by their text. Each was executed for a caller without an error: so it is valid, whatever the values of its
/// variables, it is not too large, it does not ask for the schema, and it holds no mutation.
pub(super) struct GoodDocuments(Mutex<LruCache<Arc<str>, Arc<Good>>>);

/// A document that may be kept once it is known to be good.
pub(super) struct Good {
    pub(super) text: Arc<str>,
    pub(super) document: ExecutableDocument,
    /// Whether nothing of its answers is put together from several fields.
    pub(super) is_whole: bool,
    /// What was read out of its selections, where that may be kept.
    pub(super) kept: Option<Kept>,
}

impl Good {
    /// A document that is not known yet; none of one with a mutation: keys of Stripe may stand in its text.
    pub(super) fn new(
        text: Arc<str>,
        document: ExecutableDocument,
        is_whole: bool,
    ) -> Option<Self> {
        let mut operations = document.operations.iter();
        let writes = operations.any(|(_, operation)| operation.node.ty == OperationType::Mutation);
        let is_kept = keeps_selections(&text);
        (!writes).then(|| Self {
            text,
            document,
            is_whole,
            kept: is_kept.then(Kept::default),
        })
    }
}

/// Whether what is read out of a document's selections may be kept by their places: it selects the same whatever the values
/// of its variables, as no directive has to be followed, and no two selections have the same place. The parser does not
/// count a carriage return alone as the end of a line. Either may also stand in a text; then too little is kept.
fn keeps_selections(text: &str) -> bool {
    let has_bare_returns = || text.split("\r\n").any(|lines| lines.contains('\r'));
    !text.contains('@') && !has_bare_returns()
}

impl Default for GoodDocuments {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl GoodDocuments {
    /// The document of a text, where it is known to be good.
    pub(super) fn find(&self, text: &str) -> Option<Arc<Good>> {
        self.lock().get(text).cloned()
    }

    /// Keeps a document that is known to be good.
    pub(super) fn keep(&self, good: Good) {
        if good.text.len() <= LONGEST {
            self.lock().put(Arc::clone(&good.text), Arc::new(good));
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Arc<str>, Arc<Good>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Schema {
    /// The kind of the operation that a request is for; none where its document does not tell, which is for its execution
    /// to say.
    pub fn operation_type(&self, request: &mut Request) -> Option<OperationType> {
        let name = request.operation_name.clone();
        let known = self.documents.find(&request.query);
        let document = match &known {
            Some(good) => &good.document,
            None => request.parsed_query().ok()?,
        };
        chosen(document, name.as_deref()).map(|operation| operation.ty)
    }
}
