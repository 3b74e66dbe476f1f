use async_graphql::Context;

use super::{edge_type, list_type};
use crate::{
    graphql::{
        context::ContextExt,
        cursor::{ListKey, Position},
        error::ApiError,
        paging::{Page, PageArgs, at_time, placed},
        types::{NotificationDelivery, NotificationDeliveryState},
    },
    ids::NotificationEndpointId,
    storage::NotificationDeliveryRow,
};

list_type! {
    /// A page of deliveries, newest first.
    NotificationDeliveryConnection {}

    Vec of NotificationDeliveryEdge of NotificationDelivery;
}

edge_type! {
    /// A delivery in a list.
    NotificationDeliveryEdge of NotificationDelivery
}

impl NotificationDeliveryConnection {
    /// The page of an endpoint's deliveries that a caller asks for.
    pub(in crate::graphql) async fn of_endpoint(
        ctx: &Context<'_>,
        endpoint: NotificationEndpointId,
        state: Option<NotificationDeliveryState>,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller()?.workspace;
        let list = ListKey::new("notification deliveries", workspace);
        let list = list.of(endpoint.0).under(&state);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let state = state.map(Into::into);
        let page = placed(asked, at_time)?;
        let found = ctx
            .store()?
            .list_deliveries(workspace, endpoint, state, &page)
            .await?;
        let page = Page::new(list, asked, found, |row: NotificationDeliveryRow| {
            let at = Position {
                key: row.created_at.timestamp_micros(),
                id: row.id,
            };
            (at, NotificationDelivery::from(row))
        });
        Ok(Self { page })
    }
}
