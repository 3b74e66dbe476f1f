//! From a body or a query string to a GraphQL request.

use async_graphql::{Request, Value as GraphQLValue, Variables};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Operations;
use crate::http::problem::Problem;

/// The parameters of a request (GraphQL over HTTP specification, "Request Parameters").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    /// For protocols on top of this one, such as persisted queries.
    extensions: Option<Map<String, Value>>,
}

/// The same in a query string, where variables are JSON text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl QueryString {
    pub(super) fn is_empty(&self) -> bool {
        self.query.is_none() && self.extensions.is_none()
    }

    pub(super) fn parameters(self) -> Result<Parameters, Problem> {
        let map = |text: Option<String>| match text.as_deref() {
            None | Some("" | "null") => Ok(None),
            Some(json) => serde_json::from_str(json).map(Some).map_err(|_| {
                Problem::bad_request("variables and extensions must be JSON objects.")
            }),
        };
        Ok(Parameters {
            query: self.query,
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: map(self.variables)?,
            extensions: map(self.extensions)?,
        })
    }
}

impl Parameters {
    /// Reads a body; whatever is wrong with it is told in one sentence.
    pub(super) fn read(body: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(_)) => Err(Problem::bad_request(
                "Batches are not accepted: send one operation in each request.",
            )),
            Ok(object @ Value::Object(_)) => serde_json::from_value(object).map_err(|_| {
                Problem::bad_request(
                    "query and operationName must be strings, variables and extensions objects.",
                )
            }),
            Ok(_) => Err(Problem::bad_request(
                "The body must be a JSON object with a query.",
            )),
            Err(_) => Err(Problem::bad_request("The body is not valid JSON in UTF-8.")),
        }
    }

    /// Whether there is a query at all, or the name of one.
    pub(super) fn has_query(&self) -> bool {
        let extensions = self.extensions.as_ref();
        self.query.is_some() || extensions.is_some_and(|map| map.contains_key("persistedQuery"))
    }

    pub(super) fn request(self) -> Result<Request, Problem> {
        let extensions = self.extensions.unwrap_or_default();
        let query = self.query.filter(|query| !query.trim().is_empty());
        let query = match query {
            Some(query) => query,
            // The document is named instead.
            None if extensions.contains_key("persistedQuery") => String::new(),
            None => return Err(Problem::bad_request("The request has no query.")),
        };
        let mut request = Request::new(query);
        for (name, value) in extensions {
            if let Ok(value) = async_graphql::Value::from_json(value) {
                request.extensions.insert(name, value);
            }
        }
        request.operation_name = self.operation_name;
        let variables = self.variables.map(Value::Object).unwrap_or_default();
        Ok(request.variables(Variables::from_json(variables)))
    }
}

/// Puts a document that is only named in its place, so that the request is treated as what it is. The execution checks
/// both, as if both had been sent; a name that is not known is for it to refuse.
pub(super) async fn find_document(request: &mut Request, operations: &impl Operations) {
    if !request.query.is_empty() {
        return;
    }
    let Some(GraphQLValue::Object(named)) = request.extensions.get("persistedQuery") else {
        return;
    };
    if let Some(GraphQLValue::String(name)) = named.get("sha256Hash")
        && let Some(document) = operations.document(name).await
    {
        document.as_ref().clone_into(&mut request.query);
    }
}
