//! Executing operations: what surrounds the schema on every transport.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    panic::AssertUnwindSafe,
    sync::Arc,
};

use async_graphql::{
    Data, ErrorExtensionValues, Executor, Request, Response, ServerError,
    parser::types::OperationType,
};
use futures_util::{FutureExt, StreamExt, stream, stream::BoxStream};

use super::{
    cost::{Bill, Charge},
    documents::Good,
    error::{ApiError, Code},
    flat::{Whole, Wording},
    guard,
    idempotent::{self, Once},
    loader::{Gathering, Loaders},
    merging::merges,
    operation::{check_subscription, chosen},
    persisted,
    schema::{Inner, Schema, Shared},
    variables,
};
use crate::{auth::Caller, domain::idempotency::IdempotencyKey, ids::RequestId, stripe::redact};

/// The longest message of an error; the library quotes values as they came in.
const MAX_MESSAGE_CHARS: usize = 500;

/// A request that may be executed.
struct Prepared {
    request: Request,
    gathering: Gathering,
    charge: Option<Charge>,
    once: Option<Once>,
    /// Whether it is known to be valid.
    is_good: bool,
    /// Its document, to be kept where it turns out to be good.
    new: Option<Good>,
}

/// What the answer to a request needs of it.
struct Asked {
    id: Option<RequestId>,
    query: String,
    operation: Option<String>,
}

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        let mut asked = Asked::of(&request, None);
        let answer = match self.find(request, None).await {
            Ok(prepared) => {
                asked.find(&prepared.request);
                let inner = self.inner_for(prepared.is_good);
                let execution = Box::pin(inner.execute(prepared.request));
                let execution = prepared.gathering.execute(execution);
                let execution = AssertUnwindSafe(execution).catch_unwind();
                let execution =
                    execution.map(|done| done.unwrap_or_else(|panic| panicked(&*panic)));
                let answer = self.once(prepared.once, execution).await;
                self.learn(&answer, prepared.new, &asked);
                self.settle(answer, prepared.charge)
            }
            Err(error) => refused(error),
        };
        self.finish(answer, &asked)
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let schema = self.clone();
        let answers = async move {
            let mut asked = Asked::of(&request, session_data.as_deref());
            let session = session_data.unwrap_or_default();
            let found = match schema.admit(&session).await {
                Ok(()) => schema.find(request, Some(&session)).await,
                Err(refused) => Err(refused),
            };
            match found {
                Ok(prepared) => {
                    asked.find(&prepared.request);
                    schema.answers(prepared, session, asked)
                }
                Err(error) => {
                    let answer = schema.finish(refused(error), &asked);
                    stream::once(std::future::ready(answer)).boxed()
                }
            }
        };
        // In a box of its own, which goes once the operation has begun: it may go on for as long as a socket is open.
        stream::once(Box::pin(answers)).flatten().boxed()
    }
}

impl From<Request> for Prepared {
    fn from(request: Request) -> Self {
        Self {
            request,
            gathering: Gathering::default(),
            charge: None,
            once: None,
            is_good: false,
            new: None,
        }
    }
}

impl Asked {
    fn of(request: &Request, session: Option<&Data>) -> Self {
        Self {
            id: find(&request.data, session).cloned(),
            query: request.query.clone(),
            operation: request.operation_name.clone(),
        }
    }

    /// Notes the document that the request only named.
    fn find(&mut self, request: &Request) {
        if self.query.is_empty() {
            self.query.clone_from(&request.query);
        }
    }
}

impl Schema {
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
            schema.learn(&answer, new.take(), &asked);
            schema.finish(schema.settle(answer, charge.take()), &asked)
        });
        finished.boxed()
    }

    /// Finds the document of a request that only names it, and prepares its execution.
    async fn find(
        &self,
        mut request: Request,
        session: Option<&Data>,
    ) -> Result<Prepared, ServerError> {
        let known = find::<Caller>(&request.data, session).is_some();
        let Shared {
            documents, trusted, ..
        } = &self.shared;
        persisted::resolve(&mut request, documents, trusted.as_deref(), known).await?;
        self.prepare(request, session)
    }

    /// Looks at the document, takes what it costs, and gives the request loaders of its caller's own.
    fn prepare(
        &self,
        mut request: Request,
        session: Option<&Data>,
    ) -> Result<Prepared, ServerError> {
        let (operation, given) = (request.operation_name.clone(), request.variables.clone());
        let sent = find::<IdempotencyKey>(&request.data, session).cloned();
        let good = self.documents.find(&request.query);
        let document = if let Some(good) = &good {
            &good.document
        } else {
            let document = request.parsed_query().map_err(unreadable)?;
            guard::check(document)?;
            document
        };
        variables::check(document, operation.as_deref(), &given)?;
        let definition = chosen(document, operation.as_deref());
        definition.map_or(Ok(()), check_subscription)?;
        let subscribes =
            definition.is_some_and(|definition| definition.ty == OperationType::Subscription);
        let pages = self.limits.page_sizes();
        let bill = Bill::of(&self.prices, document, operation.as_deref(), &given, pages);
        let bill = bill.unwrap_or_default();
        self.check_cost(&bill)?;
        let key = idempotent::key_of(document, operation.as_deref(), &given, sent)?;
        let introspects = good.is_none() && guard::introspects(document);
        let is_good =
            good.is_some() && variables::are_plain(document, operation.as_deref(), &given);
        let copy = document.clone();
        let Some(caller) = find::<Caller>(&request.data, session) else {
            return if introspects && !self.limits.anonymous_introspection {
                Err(ApiError::unauthenticated().into())
            } else {
                Ok(request.into())
            };
        };
        let is_whole = match &good {
            Some(good) => good.is_whole,
            None => !merges(&copy),
        };
        let now = self.gateway.clock().now();
        let charge = Charge::take(bill, caller, &self.shared.allowances, now)?;
        let gathering = Gathering::default();
        let loaders = Loaders::new(self.gateway.clone(), caller.workspace, gathering.clone());
        let once = key.map(|key| Once::new(key, caller, &request));
        if is_whole {
            request = request.data(Whole);
            if subscribes {
                let words = Wording::of(&self.told, &request);
                request = request.data(words);
            }
        }
        let mut new = None;
        if good.is_some() {
            request.set_parsed_query(copy);
        } else if !introspects {
            new = Good::new(copy, is_whole);
        }
        Ok(Prepared {
            gathering,
            charge: Some(charge),
            once,
            request: request.data(loaders),
            is_good,
            new,
        })
    }

    fn inner_for(&self, is_good: bool) -> &Inner {
        if is_good { &self.quick } else { &self.inner }
    }

    /// Keeps a document that is valid, as an answer without an error shows.
    fn learn(&self, answer: &Response, new: Option<Good>, asked: &Asked) {
        if let Some(good) = new.filter(|_| answer.errors.is_empty()) {
            self.documents.keep(&asked.query, good);
        }
    }

    fn check_cost(&self, bill: &Bill) -> Result<(), ApiError> {
        let (cost, most) = (bill.most(), self.limits.max_cost);
        if cost > most {
            return Err(ApiError::new(
                Code::QueryTooComplex,
                format!(
                    "The operation may cost {cost}, and no more than {most} is allowed: ask for smaller pages or fewer fields."
                ),
            ));
        }
        Ok(())
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
            .complete(&mut answer, &asked.query, asked.operation.as_deref());
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

fn find<'a, T: Any>(own: &'a Data, session: Option<&'a Data>) -> Option<&'a T> {
    let find = |data: &'a Data| data.get(&TypeId::of::<T>())?.downcast_ref();
    find(own).or_else(|| session.and_then(find))
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

/// A syntax error without the parser's picture of the document, which holds a line of it however long.
fn unreadable(mut error: ServerError) -> ServerError {
    if error.message.starts_with("recursion limit exceeded") {
        return ApiError::new(Code::QueryTooComplex, "The query is nested too deep.").into();
    }
    let expected = error
        .message
        .rsplit_once(" = ")
        .map(|(_, expected)| expected.trim());
    error.message = match expected {
        Some(expected) => format!("The query is not GraphQL: {expected} here."),
        None => "The query is not GraphQL.".to_owned(),
    };
    error
}

/// Keeps what the library quotes of a request within bounds.
fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
        message.truncate(end);
        message.push('…');
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("?"), "a GraphQL operation panicked");
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
