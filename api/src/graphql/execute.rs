//! Executing operations: what surrounds the schema on every transport.

use std::{
    any::{Any, TypeId},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use async_graphql::{Data, ErrorExtensionValues, Executor, Request, Response, ServerError};
use futures_util::{FutureExt, StreamExt, stream::BoxStream};

use super::{
    error::{ApiError, Code},
    loader::Loaders,
    schema::Schema,
};
use crate::{auth::Caller, ids::RequestId};

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        let (request, id) = self.prepare(request, None);
        let done = AssertUnwindSafe(self.inner.execute(request)).catch_unwind().await;
        self.finish(done.unwrap_or_else(|panic| panicked(&*panic)), id.as_ref())
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let (request, id) = self.prepare(request, session_data.as_deref());
        let session_data = session_data.unwrap_or_default();
        let answers = self.inner.execute_stream_with_session_data(request, session_data);
        let schema = self.clone();
        // A stream that has panicked is at its end.
        AssertUnwindSafe(answers)
            .catch_unwind()
            .map(move |answer| {
                schema.finish(answer.unwrap_or_else(|panic| panicked(&*panic)), id.as_ref())
            })
            .boxed()
    }
}

impl Schema {
    /// Gives the request loaders of its caller's own, and finds its name.
    fn prepare(&self, request: Request, session: Option<&Data>) -> (Request, Option<RequestId>) {
        let id = find::<RequestId>(&request.data, session).cloned();
        let workspace = find::<Caller>(&request.data, session).map(|caller| caller.workspace);
        let request = match workspace {
            Some(workspace) => request.data(Loaders::new(self.gateway.clone(), workspace)),
            None => request,
        };
        (request, id)
    }

    /// Gives every error a code and the request's id, and leaves out what is too many.
    fn finish(&self, mut answer: Response, id: Option<&RequestId>) -> Response {
        answer.errors.truncate(self.limits.max_errors);
        for error in &mut answer.errors {
            let code = code_of(error);
            let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
            if values.get("code").is_none() {
                values.set("code", code.as_str());
            }
            if let Some(RequestId(id)) = id {
                values.set("requestId", id.as_str());
            }
        }
        answer
    }
}

fn find<'a, T: Any>(own: &'a Data, session: Option<&'a Data>) -> Option<&'a T> {
    let find = |data: &'a Data| data.get(&TypeId::of::<T>())?.downcast_ref();
    find(own).or_else(|| session.and_then(find))
}

/// The code of an error that the library made: all of them are about the request.
fn code_of(error: &ServerError) -> Code {
    let too_complex = ["Query is too complex", "Query is nested too deep", "The recursion depth", "The number of directives"];
    if too_complex.iter().any(|start| error.message.starts_with(start)) {
        Code::QueryTooComplex
    } else {
        Code::BadUserInput
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("?"), "a GraphQL operation panicked");
    Response::from_errors(vec![server_error(ApiError::fault())])
}

fn server_error(error: ApiError) -> ServerError {
    let error = async_graphql::Error::from(error);
    let mut answer = ServerError::new(error.message, None);
    answer.extensions = error.extensions;
    answer
}
