//! Mutations with an idempotency key, given by the transport or by the directive `@idempotent`.

use async_graphql::{
    CustomDirective, Directive, Request, Response, Value, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection},
    value,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{
    error::{ApiError, Code},
    execute::refused,
    operation::chosen,
    schema::Schema,
    written,
};
use crate::{
    auth::Caller,
    domain::idempotency::{Begun, IdempotencyError, IdempotencyKey},
};

/// The key of a mutation: sent again with the same key, it is answered again and not done again. It stands for the whole
/// operation, for a day. The header `Idempotency-Key` does the same.
#[Directive(location = "Field")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the arguments of directives are owned"
)]
pub(super) fn idempotent(key: String) -> impl CustomDirective {
    // The key is read before anything is resolved.
    let _ = key;
    Marker
}

struct Marker;

impl CustomDirective for Marker {}

/// A request that is to be executed once.
pub(super) struct Once {
    caller: Caller,
    key: IdempotencyKey,
    fingerprint: String,
}

impl Once {
    pub(super) fn new(key: IdempotencyKey, caller: &Caller, request: &Request) -> Self {
        Self {
            key,
            caller: caller.clone(),
            fingerprint: fingerprint(request),
        }
    }
}

/// The key of an operation, sent with it or written in it; none of others than mutations.
pub(super) fn key_of(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
    sent: Option<IdempotencyKey>,
) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(operation) = chosen(document, operation) else {
        return Ok(None);
    };
    if operation.ty != OperationType::Mutation {
        return Ok(None);
    }
    let mut key = sent;
    for written in written(operation, variables) {
        let written = IdempotencyKey::read(&written?)?;
        match &key {
            Some(key) if *key != written => {
                return Err(ApiError::bad_input(
                    "One operation has one idempotency key: send mutations with different keys one by one.",
                ));
            }
            _ => key = Some(written),
        }
    }
    Ok(key)
}

/// The keys that stand in the operation.
fn written(
    operation: &OperationDefinition,
    variables: &Variables,
) -> impl Iterator<Item = Result<String, ApiError>> {
    let fields = operation.selection_set.node.items.iter();
    let fields = fields.filter_map(|item| match &item.node {
        Selection::Field(field) => Some(&field.node),
        _ => None,
    });
    let directives = fields.flat_map(|field| &field.directives);
    let directives = directives.filter(|directive| directive.node.name.node == "idempotent");
    directives.map(|directive| {
        let key = directive.node.get_argument("key");
        let key = key.map(|key| {
            key.node
                .clone()
                .into_const_with(|name| variables.get(&name).cloned().ok_or(()))
        });
        match key {
            Some(Ok(Value::String(key))) => Ok(key),
            _ => Err(ApiError::bad_input(
                "`@idempotent` needs its key: a string, or a variable that is given.",
            )),
        }
    })
}

/// The same for the same request, whatever the order of its variables' fields.
fn fingerprint(request: &Request) -> String {
    let mut hash = Sha256::new();
    let variables = serde_json::to_value(&request.variables).unwrap_or_default();
    for part in [
        request.query.as_str(),
        request.operation_name.as_deref().unwrap_or_default(),
        &variables.to_string(),
    ] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

impl Schema {
    /// Executes a request, unless one with the same key was before; keeps the answer for those that repeat it.
    pub(super) async fn once(
        &self,
        once: Option<Once>,
        execution: impl Future<Output = Response>,
    ) -> Response {
        let Some(once) = once else {
            return execution.await;
        };
        let begun = self
            .gateway
            .begin_once(&once.caller, &once.key, once.fingerprint);
        let claim = match begun.await {
            Ok(Begun::First(claim)) => claim,
            Ok(Begun::Answered(kept)) => return again(&kept).unwrap_or_else(refused),
            Err(error) => return refused(ApiError::from(error)),
        };
        let answer = execution.await;
        let noted = match kept(&answer) {
            Some(kept) => self.gateway.end_once(claim, &kept).await,
            None => self.gateway.undo_once(claim).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "the answer to an idempotency key was not kept");
        }
        answer
    }
}

/// The data of an answer as it is kept; none of one with errors, which is not the end of what was asked for.
fn kept(answer: &Response) -> Option<SecretString> {
    if !answer.errors.is_empty() {
        return None;
    }
    let data = written::data(&answer.data).ok()?;
    Some(SecretString::from(data))
}

/// The answer that was kept.
fn again(kept: &SecretString) -> Result<Response, ApiError> {
    let data: Value = serde_json::from_str(kept.expose_secret()).map_err(|_| ApiError::fault())?;
    Ok(Response::new(data).extension("idempotency", value!({ "replayed": true })))
}

impl From<IdempotencyError> for ApiError {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::Malformed | IdempotencyError::Reused => {
                Self::bad_input(error.to_string())
            }
            IdempotencyError::UnderWay => {
                Self::new(Code::Conflict, error.to_string()).retry_after(1)
            }
            IdempotencyError::Unreadable => Self::internal(&error),
            IdempotencyError::Storage(cause) => cause.into(),
        }
    }
}
