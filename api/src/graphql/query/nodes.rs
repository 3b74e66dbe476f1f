use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use crate::graphql::{error::ApiError, types::Node};

const MAX_IDS: usize = 100;

#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null where there is no such thing, or where another workspace has it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of anything that has one.")] id: ID,
    ) -> Result<Option<Node>, ApiError> {
        Node::find(ctx, &id).await
    }

    /// Several things by their ids, in the same order, with null for each that is not there; at most 100.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, of any kinds.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, ApiError> {
        if ids.len() > MAX_IDS {
            return Err(ApiError::bad_input(format!(
                "Ask for at most {MAX_IDS} ids at once."
            )));
        }
        try_join_all(ids.iter().map(|id| Node::find(ctx, id))).await
    }
}
