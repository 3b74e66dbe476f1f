//! Executing operations: what surrounds the schema on every transport.

use std::{any::Any, borrow::Cow, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Data, ErrorExtensionValues, Executor, Request, Response, ServerError};
use futures_util::{FutureExt, StreamExt, stream, stream::BoxStream};

use super::{
    cost::Charge,
    documents::Good,
    error::{ApiError, Code},
    prepare::{Prepared, find},
    schema::{Inner, Schema},
};
use crate::{auth::Caller, ids::RequestId, panics, stripe::redact};

/// The longest message of an error; the library quotes values as they came in.
const MAX_MESSAGE_CHARS: usize = 500;

/// What the answer to a request needs of it.
#[derive(Clone)]
struct Asked {
    id: Option<RequestId>,
    /// The text of the document, once it was found.
    text: Arc<str>,
    operation: Option<String>,
}

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        let asked = Asked::of(&request, None);
        let answer = AssertUnwindSafe(self.answer(request, asked.clone())).catch_unwind();
        let answer = answer.await;
        answer.unwrap_or_else(|panic| self.finish(panicked(&*panic), &asked))
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let schema = self.clone();
        let asked = Asked::of(&request, session_data.as_deref());
        let around = (schema.clone(), asked.clone());
        let answers = async move {
            let mut asked = asked;
            let session = session_data.unwrap_or_default();
            let found = match schema.admit(&session).await {
                Ok(()) => schema.find(request, Some(&session)).await,
                Err(refused) => Err(refused),
            };
            match found {
                Ok(prepared) => {
                    asked.text = Arc::clone(&prepared.text);
                    schema.answers(prepared, session, asked)
                }
                Err(error) => {
                    let answer = schema.finish(refused(error), &asked);
                    stream::once(std::future::ready(answer)).boxed()
                }
            }
        };
        // In a box of its own, which goes once the operation has begun: it may go on for as long as a socket is open.
        let answers = stream::once(Box::pin(answers)).flatten();
        let answers = AssertUnwindSafe(answers).catch_unwind();
        let answers = answers.map(move |answer| {
            let (schema, asked) = &around;
            answer.unwrap_or_else(|panic| schema.finish(panicked(&*panic), asked))
        });
        answers.boxed()
    }
}

impl Asked {
    fn of(request: &Request, session: Option<&Data>) -> Self {
        Self {
            id: find(&request.data, session).cloned(),
            text: Arc::default(),
            operation: request.operation_name.clone(),
        }
    }
}

impl Schema {
    async fn answer(&self, request: Request, mut asked: Asked) -> Response {
        let answer = match self.find(request, None).await {
            Ok(prepared) => {
                asked.text = Arc::clone(&prepared.text);
                let inner = self.inner_for(prepared.is_good);
                let execution = Box::pin(inner.execute(prepared.request));
                let execution = prepared.gathering.execute(execution);
                // What follows goes on, as after any other error.
                let execution = AssertUnwindSafe(execution).catch_unwind();
                let execution =
                    execution.map(|done| done.unwrap_or_else(|panic| panicked(&*panic)));
                let answer = self.once(prepared.once, execution).await;
                self.learn(&answer, prepared.new);
                self.settle(answer, prepared.charge)
            }
            Err(error) => refused(error),
        };
        self.finish(answer, &asked)
    }

    /// A socket lives longer than a request, and perhaps longer than its token: each operation asks again.
    async fn admit(&self, session: &Data) -> Result<(), ServerError> {
        match find::<Caller>(session, None) {
            Some(caller) => Ok(self
                .gateway
                .still_valid(caller)
                .await
                .map_err(ApiError::from)?),
            None => Ok(()),
        }
    }

    fn answers(
        &self,
        prepared: Prepared,
        session: Arc<Data>,
        asked: Asked,
    ) -> BoxStream<'static, Response> {
        let schema = self.clone();
        let Prepared {
            request,
            gathering,
            mut charge,
            once,
            is_good,
            mut new,
            ..
        } = prepared;
        let answers = self
            .inner_for(is_good)
            .execute_stream_with_session_data(request, session);
        // A stream that has panicked is at its end.
        let answers = AssertUnwindSafe(gathering.stream(answers))
            .catch_unwind()
            .map(|answer| answer.unwrap_or_else(|panic| panicked(&*panic)));
        let answers = if once.is_some() {
            let (schema, mut answers) = (self.clone(), answers.boxed());
            let first = async move {
                let execution = async { answers.next().await.unwrap_or_default() };
                schema.once(once, execution).await
            };
            stream::once(first).boxed()
        } else {
            answers.boxed()
        };
        let finished = answers.map(move |answer| {
            schema.learn(&answer, new.take());
            schema.finish(schema.settle(answer, charge.take()), &asked)
        });
        finished.boxed()
    }

    fn inner_for(&self, is_good: bool) -> &Inner {
        if is_good { &self.quick } else { &self.inner }
    }

    /// Keeps a document that is valid, as an answer without an error shows.
    fn learn(&self, answer: &Response, new: Option<Good>) {
        if let Some(good) = new.filter(|_| answer.errors.is_empty()) {
            self.documents.keep(good);
        }
    }

    /// An event of a subscription has no cost of its own.
    fn settle(&self, answer: Response, charge: Option<Charge>) -> Response {
        match charge {
            Some(charge) => {
                let now = self.gateway.clock().now();
                charge.settle(answer, &self.shared.allowances, now)
            }
            None => answer,
        }
    }

    /// Puts nulls where they belong, gives every error a code and the request's id, and leaves out what is too many.
    fn finish(&self, mut answer: Response, asked: &Asked) -> Response {
        self.types
            .complete(&mut answer, &asked.text, asked.operation.as_deref());
        answer.errors.truncate(self.limits.max_errors);
        for error in &mut answer.errors {
            if let Cow::Owned(redacted) = redact(&error.message) {
                error.message = redacted;
            }
            shorten(&mut error.message);
            let code = code_of(error);
            let values = error
                .extensions
                .get_or_insert_with(ErrorExtensionValues::default);
            if values.get("code").is_none() {
                values.set("code", code.as_str());
            }
            if let Some(RequestId(id)) = &asked.id {
                values.set("requestId", id.as_str());
            }
        }
        answer
    }
}

/// The code of an error that the library made: all of them are about the request.
fn code_of(error: &ServerError) -> Code {
    let too_complex = [
        "Query is nested too deep",
        "The recursion depth",
        "The number of directives",
    ];
    if too_complex
        .iter()
        .any(|start| error.message.starts_with(start))
    {
        Code::QueryTooComplex
    } else {
        Code::BadUserInput
    }
}

/// Keeps what the library quotes of a request within bounds.
fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
        message.truncate(end);
        message.push('…');
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    tracing::error!(panic = panics::text(panic), "a GraphQL operation panicked");
    refused(ApiError::fault())
}

pub(super) fn refused(error: impl Into<ServerError>) -> Response {
    Response::from_errors(vec![error.into()])
}

impl From<ApiError> for ServerError {
    fn from(error: ApiError) -> Self {
        let error = async_graphql::Error::from(error);
        let mut answer = Self::new(error.message, None);
        answer.extensions = error.extensions;
        answer
    }
}
