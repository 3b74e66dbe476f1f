//! What the edge needs of the API to serve operations.

use std::sync::Arc;

use crate::{
    graphql,
    http::{OperationType, Operations, Request, Response},
};

impl Operations for graphql::Schema {
    async fn document(&self, name: &str) -> Option<Arc<str>> {
        self.document_named(name).await
    }

    fn kind_of(&self, request: &mut Request) -> Option<OperationType> {
        self.operation_type(request)
    }

    fn write(&self, answer: &Response) -> serde_json::Result<Vec<u8>> {
        graphql::write(answer)
    }
}
