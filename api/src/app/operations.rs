//! What the edge needs of the API to serve operations.

use std::sync::Arc;

use async_graphql::{Request, Response, parser::types::OperationType};

use crate::{graphql, http};

impl http::Operations for graphql::Schema {
    async fn document(&self, name: &str) -> Option<Arc<str>> {
        self.document_named(name).await
    }

    fn kind_of(&self, request: &mut Request) -> Option<OperationType> {
        self.kind_of(request)
    }

    fn write(&self, answer: &Response) -> serde_json::Result<Vec<u8>> {
        graphql::write(answer)
    }
}
