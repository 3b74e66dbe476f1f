//! Getting a request ready: its document is looked at, its cost is taken, and it is given what its execution needs.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use async_graphql::{
    Data, Request, ServerError,
    parser::types::{ExecutableDocument, OperationType},
};

use super::{
    cost::{Bill, Charge},
    documents::Good,
    error::{ApiError, Code},
    flat::{Kept, Whole, Wording},
    guard,
    idempotent::{self, Once},
    loader::{Gathering, Loaders},
    merging::merges,
    operation::{check_subscription, chosen},
    persisted,
    schema::{Schema, Shared},
    variables,
};
use crate::{auth::Caller, domain::idempotency::IdempotencyKey};

/// A request that may be executed.
pub(super) struct Prepared {
    pub(super) request: Request,
    /// The text of its document: the same one for all who send what is known.
    pub(super) text: Arc<str>,
    pub(super) gathering: Gathering,
    pub(super) charge: Option<Charge>,
    pub(super) once: Option<Once>,
    /// Whether it is known to be valid.
    pub(super) is_good: bool,
    /// Its document, to be kept where it turns out to be good.
    pub(super) new: Option<Good>,
}

/// A document that was read, now or before.
enum Document {
    Good(Arc<Good>),
    New {
        text: Arc<str>,
        content: ExecutableDocument,
    },
}

/// What is found in an operation before anything is done for it.
struct Found {
    bill: Bill,
    key: Option<IdempotencyKey>,
    subscribes: bool,
    /// Whether it need not be validated again, with these variables.
    is_good: bool,
}

impl From<Request> for Prepared {
    fn from(request: Request) -> Self {
        Self {
            text: request.query.as_str().into(),
            request,
            gathering: Gathering::default(),
            charge: None,
            once: None,
            is_good: false,
            new: None,
        }
    }
}

impl Document {
    fn content(&self) -> &ExecutableDocument {
        match self {
            Self::Good(good) => &good.document,
            Self::New { content, .. } => content,
        }
    }

    /// Whether nothing of its answers is put together from several fields.
    fn is_whole(&self) -> bool {
        match self {
            Self::Good(good) => good.is_whole,
            Self::New { content, .. } => !merges(content),
        }
    }

    /// What was read out of its selections before.
    fn kept(&self) -> Option<&Kept> {
        match self {
            Self::Good(good) => good.kept.as_ref(),
            Self::New { .. } => None,
        }
    }

    /// Whether it asks for the schema.
    fn introspects(&self) -> bool {
        match self {
            Self::Good(_) => false,
            Self::New { content, .. } => guard::introspects(content),
        }
    }

    fn text(&self) -> &Arc<str> {
        match self {
            Self::Good(good) => &good.text,
            Self::New { text, .. } => text,
        }
    }

    /// Spares the library the reading; what is new may be kept.
    fn put_into(self, request: &mut Request, is_whole: bool) -> Option<Good> {
        match self {
            Self::Good(good) => {
                request.set_parsed_query(good.document.clone());
                None
            }
            // The request holds it already.
            Self::New { content, .. } if guard::introspects(&content) => None,
            Self::New { text, content } => Good::new(text, content, is_whole),
        }
    }
}

impl Schema {
    /// Finds the document of a request that only names it, and prepares its execution.
    pub(super) async fn find(
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
        let document = self.read(&mut request)?;
        let Found {
            bill,
            key,
            subscribes,
            is_good,
        } = self.look_at(&document, &request, session)?;
        let Some(caller) = find::<Caller>(&request.data, session) else {
            return if document.introspects() && !self.limits.anonymous_introspection {
                Err(ApiError::unauthenticated().into())
            } else {
                Ok(request.into())
            };
        };
        let now = self.gateway.clock().now();
        let charge = Charge::take(bill, caller, &self.shared.allowances, now)?;
        let gathering = Gathering::default();
        let loaders = Loaders::new(self.gateway.clone(), caller.workspace, gathering.clone());
        let once = key.map(|key| Once::new(key, caller, &request));
        if let Some(kept) = document.kept() {
            request = request.data(kept.clone());
        }
        let is_whole = document.is_whole();
        if is_whole {
            request = request.data(Whole);
            if subscribes {
                let words = Wording::of(&self.told, &request);
                request = request.data(words);
            }
        }
        let text = Arc::clone(document.text());
        let new = document.put_into(&mut request, is_whole);
        Ok(Prepared {
            text,
            gathering,
            charge: Some(charge),
            once,
            request: request.data(loaders),
            is_good,
            new,
        })
    }

    fn read(&self, request: &mut Request) -> Result<Document, ServerError> {
        if let Some(good) = self.documents.find(&request.query) {
            return Ok(Document::Good(good));
        }
        let text = request.query.as_str().into();
        let document = request.parsed_query().map_err(unreadable)?;
        guard::check(document)?;
        Ok(Document::New {
            text,
            content: document.clone(),
        })
    }

    /// Refuses what the library would execute or fail in another way than it should.
    fn look_at(
        &self,
        document: &Document,
        request: &Request,
        session: Option<&Data>,
    ) -> Result<Found, ServerError> {
        let (content, given) = (document.content(), &request.variables);
        let name = request.operation_name.as_deref();
        variables::check(content, name, given)?;
        let operation = chosen(content, name);
        operation.map_or(Ok(()), check_subscription)?;
        let pages = self.limits.page_sizes();
        let bill = Bill::of(&self.prices, content, name, given, pages).unwrap_or_default();
        self.check_cost(&bill)?;
        let sent = find::<IdempotencyKey>(&request.data, session).cloned();
        Ok(Found {
            bill,
            key: idempotent::key_of(content, name, given, sent)?,
            subscribes: operation
                .is_some_and(|operation| operation.ty == OperationType::Subscription),
            is_good: matches!(document, Document::Good(_))
                && variables::are_plain(content, name, given),
        })
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
}

/// What comes with a request, or with the socket that it came over.
pub(super) fn find<'a, T: Any>(own: &'a Data, session: Option<&'a Data>) -> Option<&'a T> {
    let find = |data: &'a Data| data.get(&TypeId::of::<T>())?.downcast_ref();
    find(own).or_else(|| session.and_then(find))
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
