//! The edge asks for documents by their names before it executes them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{graphql, http};

#[async_trait]
impl http::Documents for graphql::Shared {
    async fn named(&self, name: &str) -> Option<Arc<str>> {
        self.document(name).await
    }
}
