//! Operations on transports that tell more than one result: sockets and streams.

use std::sync::Arc;

use async_graphql::{
    Data, Request, Response as Answer, ServerError, Value, parser::types::OperationType,
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use serde_json::json;
use tokio::time::timeout;

use super::{Operations, request::find_document};
use crate::{
    http::{Edge, problem::Problem},
    ids::RequestId,
};

/// What an operation tells.
pub(super) enum Told {
    /// A result, in JSON.
    Result(String),
    /// The operation has come to nothing, or its source has failed: nothing follows.
    Refused {
        /// A JSON array; where the answer has extensions, its first error has them too.
        errors: String,
        /// The same as a result, with the extensions beside the errors.
        result: String,
        /// Whether it is for want of a token that is good.
        unauthenticated: bool,
    },
    /// The result cannot be written.
    Broken,
}

/// Runs an operation: a query or mutation tells one result, within the time of one; a subscription, many.
/// The execution looks at the document as it does everywhere.
pub(super) fn run<E: Operations>(
    edge: &Arc<Edge<E>>,
    id: &RequestId,
    mut request: Request,
    session: Option<Arc<Data>>,
) -> BoxStream<'static, Told> {
    let (edge, id) = (Arc::clone(edge), id.clone());
    let told = async move {
        let operations = &edge.operations;
        find_document(&mut request, operations).await;
        let subscribes = operations.kind_of(&mut request) == Some(OperationType::Subscription);
        let answers = operations.execute_stream(request, session);
        if subscribes {
            subscription(answers, edge)
        } else {
            stream::once(single(answers, id, edge)).boxed()
        }
    };
    // In a box of its own, which goes once the operation has begun.
    stream::once(Box::pin(told)).flatten().boxed()
}

async fn single<E: Operations>(
    mut answers: BoxStream<'static, Answer>,
    id: RequestId,
    edge: Arc<Edge<E>>,
) -> Told {
    match timeout(edge.limits.query_timeout, answers.next()).await {
        Ok(Some(answer)) => tell(&answer, 0, &edge.operations),
        Ok(None) => Told::Broken,
        Err(_) => {
            let errors = json!([too_slow().error(&id)]);
            Told::Refused {
                errors: errors.to_string(),
                result: json!({ "errors": errors }).to_string(),
                unauthenticated: false,
            }
        }
    }
}

fn subscription<E: Operations>(
    answers: BoxStream<'static, Answer>,
    edge: Arc<Edge<E>>,
) -> BoxStream<'static, Told> {
    stream::unfold(Some((answers, edge)), move |rest| async move {
        let (mut answers, edge) = rest?;
        // An error of the subscribed field itself is its source's, which ends with it.
        let told = tell(&answers.next().await?, 1, &edge.operations);
        let rest = matches!(told, Told::Result(_)).then_some((answers, edge));
        Some((told, rest))
    })
    .boxed()
}

/// An operation that took too long, on every transport.
pub(super) fn too_slow() -> Problem {
    Problem::unavailable("The operation took too long; ask for less at once.")
}

/// Whether there is no data, and every error is of the request as a whole or of a field at most so deep.
pub(super) fn is_refused(answer: &Answer, depth: usize) -> bool {
    answer.is_err()
        && answer.data == Value::Null
        && answer.errors.iter().all(|error| error.path.len() <= depth)
}

/// Whether an answer has an error of this code.
pub(super) fn has_code(errors: &[ServerError], code: &str) -> bool {
    let code = Value::from(code);
    let mut codes = errors
        .iter()
        .filter_map(|error| error.extensions.as_ref()?.get("code"));
    codes.any(|found| *found == code)
}

/// When a token whose allowance is spent may ask again, in seconds.
pub(super) fn retry_after(errors: &[ServerError]) -> Option<u64> {
    if !has_code(errors, "RATE_LIMITED") {
        return None;
    }
    let mut extensions = errors.iter().filter_map(|error| error.extensions.as_ref());
    extensions.find_map(|values| match values.get("retryAfterSeconds")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    })
}

fn tell(answer: &Answer, depth: usize, operations: &impl Operations) -> Told {
    if is_refused(answer, depth) {
        return refused(answer);
    }
    let written = operations.write(answer).ok();
    let written = written.and_then(|json| String::from_utf8(json).ok());
    written.map_or(Told::Broken, Told::Result)
}

fn refused(answer: &Answer) -> Told {
    let unauthenticated = has_code(&answer.errors, "UNAUTHENTICATED");
    let mut result = json!({ "errors": answer.errors });
    let mut errors = result["errors"].clone();
    if !answer.extensions.is_empty() {
        result["extensions"] = json!(answer.extensions);
        for (name, value) in &answer.extensions {
            errors[0]["extensions"][name.as_str()] = json!(value);
        }
    }
    Told::Refused {
        errors: errors.to_string(),
        result: result.to_string(),
        unauthenticated,
    }
}
