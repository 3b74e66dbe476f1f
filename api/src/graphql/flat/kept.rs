//! What was read out of the selections of a document that is executed again and again.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{ContextBase, Pos};

/// What is kept of a document, by its type and the place of the selections in the text. In the data of requests with this
/// document, where it selects the same whatever the values of its variables, and each selection has a place of its own.
#[derive(Clone, Default)]
pub(in crate::graphql) struct Kept(Arc<Mutex<HashMap<Key, Arc<dyn Any + Send + Sync>>>>);

type Key = (TypeId, Pos);

/// What is read out of the selections at this place: once for a document that is kept.
pub(super) fn kept<T: Send + Sync + 'static, I>(
    ctx: &ContextBase<'_, I>,
    at: Pos,
    read: impl FnOnce() -> T,
) -> Arc<T> {
    match ctx.data_opt::<Kept>() {
        Some(kept) => kept.find_or(at, read),
        None => Arc::new(read()),
    }
}

impl Kept {
    fn find_or<T: Send + Sync + 'static>(&self, at: Pos, read: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), at);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(&key).cloned();
        if let Some(found) = found.and_then(|found| found.downcast().ok()) {
            return found;
        }
        let new = Arc::new(read());
        all.insert(key, Arc::<T>::clone(&new));
        new
    }
}
