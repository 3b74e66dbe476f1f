//! Operations on transports that tell more than one result: sockets and streams.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Data, Executor, Request, Response as Answer, ServerError, Value, parser::types::OperationType,
};
use futures_util::{StreamExt, stream, stream::BoxStream};

use crate::http::{Edge, problem::Problem};

/// What an operation tells.
pub(super) enum Told {
    /// A result, in JSON.
    Result(String),
    /// The operation has come to nothing, or its source has failed: nothing follows.
    Refused {
        /// A JSON array.
        errors: String,
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
    mut request: Request,
    session: Option<Arc<Data>>,
) -> BoxStream<'static, Told> {
    // A document that is only named may be a subscription: the executor alone knows.
    let subscribes = request.query.is_empty()
        || (edge.kind_of)(&mut request) == Some(OperationType::Subscription);
    let answers = edge.executor.execute_stream(request, session);
    if subscribes {
        subscription(answers)
    } else {
        stream::once(single(answers, edge.limits.query_timeout)).boxed()
    }
}

async fn single(mut answers: BoxStream<'static, Answer>, time: Duration) -> Told {
    match tokio::time::timeout(time, answers.next()).await {
        Ok(Some(answer)) => tell(&answer, 0),
        Ok(None) => Told::Broken,
        Err(_) => {
            let problem = too_slow();
            let mut error = ServerError::new(problem.message, None);
            error
                .extensions
                .get_or_insert_default()
                .set("code", problem.code);
            refused(&[error])
        }
    }
}

fn subscription(answers: BoxStream<'static, Answer>) -> BoxStream<'static, Told> {
    stream::unfold(Some(answers), |answers| async {
        let mut answers = answers?;
        // An error of the subscribed field itself is its source's, which ends with it.
        let told = tell(&answers.next().await?, 1);
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

fn tell(answer: &Answer, depth: usize) -> Told {
    if is_refused(answer, depth) {
        return refused(&answer.errors);
    }
    serde_json::to_string(answer).map_or(Told::Broken, Told::Result)
}

fn refused(errors: &[ServerError]) -> Told {
    let unauthenticated = has_code(errors, "UNAUTHENTICATED");
    serde_json::to_string(errors).map_or(Told::Broken, |errors| Told::Refused {
        errors,
        unauthenticated,
    })
}
