//! Operations on transports that tell more than one result: sockets and streams.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Data, Executor, Request, Response as Answer, ServerError, Value, parser::types::OperationType,
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use serde_json::json;

use super::{WriteAnswer, request::find_document};
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
/// The executor looks at the document as it does everywhere.
pub(super) fn run<E: Executor>(
    edge: &Edge<E>,
    id: &RequestId,
    mut request: Request,
    session: Option<Arc<Data>>,
) -> BoxStream<'static, Told> {
    let (documents, time) = (Arc::clone(&edge.documents), edge.limits.query_timeout);
    let (executor, kind_of) = (edge.executor.clone(), Arc::clone(&edge.kind_of));
    let write = edge.write;
    let id = id.clone();
    let told = async move {
        find_document(&mut request, &*documents).await;
        let subscribes = kind_of(&mut request) == Some(OperationType::Subscription);
        let answers = executor.execute_stream(request, session);
        if subscribes {
            subscription(answers, write)
        } else {
            stream::once(single(answers, time, id, write)).boxed()
        }
    };
    // In a box of its own, which goes once the operation has begun.
    stream::once(Box::pin(told)).flatten().boxed()
}

async fn single(
    mut answers: BoxStream<'static, Answer>,
    time: Duration,
    id: RequestId,
    write: WriteAnswer,
) -> Told {
    match tokio::time::timeout(time, answers.next()).await {
        Ok(Some(answer)) => tell(&answer, 0, write),
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

fn subscription(
    answers: BoxStream<'static, Answer>,
    write: WriteAnswer,
) -> BoxStream<'static, Told> {
    stream::unfold(Some(answers), move |answers| async move {
        let mut answers = answers?;
        // An error of the subscribed field itself is its source's, which ends with it.
        let told = tell(&answers.next().await?, 1, write);
        let rest = matches!(told, Told::Result(_)).then_some(answers);
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

fn tell(answer: &Answer, depth: usize, write: WriteAnswer) -> Told {
    if is_refused(answer, depth) {
        return refused(answer);
    }
    let written = write(answer).ok();
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
