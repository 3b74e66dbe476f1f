//! Documents that are named instead of sent: automatic persisted queries, and a list of trusted documents.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Request, Value};
use sha2::{Digest, Sha256};

use super::{
    error::{ApiError, Code},
    schema::{Schema, Shared},
};
use crate::state::Documents;

/// What Apollo's clients look for.
const NOT_FOUND: &str = "PersistedQueryNotFound";

/// The documents that an operator trusts, by the ids under which clients name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedDocuments(HashMap<String, Arc<str>>);

/// Why a list of trusted documents cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("it must be a JSON object of documents by their ids: {0}")]
pub struct ManifestError(#[from] serde_json::Error);

impl TrustedDocuments {
    /// Reads a manifest: a JSON object of documents by their ids, as Relay's and GraphQL Codegen's compilers write it.
    pub fn read(json: &str) -> Result<Self, ManifestError> {
        Ok(Self(serde_json::from_str(json)?))
    }

    fn contains(&self, query: &str) -> bool {
        self.0.values().any(|document| **document == *query)
    }
}

impl Schema {
    /// The document of a name; none where it is not known here, or Redis is away.
    pub async fn document_named(&self, name: &str) -> Option<Arc<str>> {
        let Shared {
            trusted, documents, ..
        } = &self.shared;
        match trusted {
            Some(trusted) => trusted.0.get(name).cloned(),
            None => documents.find(&name.to_ascii_lowercase()).await,
        }
    }
}

/// Puts the document in its place where a request names it; refuses what is not trusted where only that is executed.
pub(super) async fn resolve(
    request: &mut Request,
    documents: &Documents,
    trusted: Option<&TrustedDocuments>,
    is_known_caller: bool,
) -> Result<(), ApiError> {
    let named = name_of(request)?;
    if let Some(trusted) = trusted {
        return resolve_trusted(request, named.as_deref(), trusted);
    }
    let Some(name) = named else { return Ok(()) };
    let hash = name.to_ascii_lowercase();
    if request.query.is_empty() {
        let found = documents.find(&hash).await;
        let found = found.ok_or(ApiError::new(Code::PersistedQueryNotFound, NOT_FOUND))?;
        found.as_ref().clone_into(&mut request.query);
        return Ok(());
    }
    if sha256(&request.query) != hash {
        return Err(ApiError::bad_input(
            "The hash of the persisted query is not the SHA-256 of the query that was sent with it.",
        ));
    }
    // Strangers cannot fill what others use.
    if is_known_caller {
        documents.keep(&hash, &request.query).await;
    }
    Ok(())
}

fn resolve_trusted(
    request: &mut Request,
    named: Option<&str>,
    trusted: &TrustedDocuments,
) -> Result<(), ApiError> {
    let found = named.and_then(|name| trusted.0.get(name));
    match found {
        Some(document) if request.query.is_empty() => {
            document.as_ref().clone_into(&mut request.query);
        }
        _ if trusted.contains(&request.query) => {}
        _ => {
            return Err(ApiError::new(
                Code::Forbidden,
                "This gateway executes trusted documents only: send the id of one of them.",
            ));
        }
    }
    Ok(())
}

/// The name that the request has for its document: `extensions.persistedQuery`, as Apollo's protocol has it.
fn name_of(request: &Request) -> Result<Option<String>, ApiError> {
    let Some(persisted) = request.extensions.get("persistedQuery") else {
        return Ok(None);
    };
    let field = |name: &str| match persisted {
        Value::Object(fields) => fields.get(name),
        _ => None,
    };
    let version = field("version").is_none_or(|version| *version == Value::from(1));
    match field("sha256Hash") {
        Some(Value::String(hash)) if version => Ok(Some(hash.clone())),
        _ => Err(ApiError::bad_input(
            "`extensions.persistedQuery` must have `version` 1 and `sha256Hash`, a string.",
        )),
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
