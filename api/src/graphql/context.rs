use async_graphql::Context;

use super::{error::ApiError, loader::Loaders, paging::PageSizes};
use crate::{
    auth::{Caller, Scope},
    domain::Gateway,
    storage::Store,
};

/// What resolvers need: who asks, and where to find the answer.
pub(super) trait ContextExt<'a> {
    /// The caller, where there is one whose token has not ended.
    fn caller(&self) -> Result<&'a Caller, ApiError>;

    /// The caller, where its token has the scope.
    fn caller_with(&self, scope: Scope) -> Result<&'a Caller, ApiError>;

    /// The domain.
    fn gateway(&self) -> Result<&'a Gateway, ApiError>;

    /// The caller's loaders, which live as long as the operation.
    fn loaders(&self) -> Result<&'a Loaders, ApiError>;

    /// How many entries pages have.
    fn page_sizes(&self) -> Result<PageSizes, ApiError>;

    /// Reads that have no rules of their own.
    fn store(&self) -> Result<&'a Store, ApiError> {
        self.gateway().map(Gateway::store)
    }
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn caller(&self) -> Result<&'a Caller, ApiError> {
        let caller = self
            .data_opt::<Caller>()
            .ok_or_else(ApiError::unauthenticated)?;
        if caller.is_expired(self.gateway()?.clock().now()) {
            return Err(ApiError::expired());
        }
        Ok(caller)
    }

    fn caller_with(&self, scope: Scope) -> Result<&'a Caller, ApiError> {
        let caller = self.caller()?;
        caller.require(scope)?;
        Ok(caller)
    }

    fn gateway(&self) -> Result<&'a Gateway, ApiError> {
        self.data_opt().ok_or_else(ApiError::fault)
    }

    fn loaders(&self) -> Result<&'a Loaders, ApiError> {
        self.data_opt().ok_or_else(ApiError::unauthenticated)
    }

    fn page_sizes(&self) -> Result<PageSizes, ApiError> {
        self.data_opt().copied().ok_or_else(ApiError::fault)
    }
}
