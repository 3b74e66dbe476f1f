use async_graphql::Context;

use super::{edge_type, list_type};
use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        cursor::{ListKey, Position},
        error::ApiError,
        paging::{Page, PageArgs, at_time, placed},
        types::PaymentExport,
    },
    storage::ExportRow,
};

list_type! {
    /// A page of exports, newest first.
    PaymentExportConnection {}

    Vec of PaymentExportEdge of PaymentExport;
}

edge_type! {
    /// An export in a list.
    PaymentExportEdge of PaymentExport
}

impl PaymentExportConnection {
    /// The page of the workspace's exports that a caller asks for.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller_with(Scope::PaymentsRead)?.workspace;
        let list = ListKey::new("exports", workspace);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let page = placed(asked, at_time)?;
        let found = ctx.store()?.list_exports(workspace, &page).await?;
        let page = Page::new(list, asked, found, |row: ExportRow| {
            let at = Position {
                key: row.created_at.timestamp_micros(),
                id: row.id,
            };
            (at, PaymentExport::from(row))
        });
        Ok(Self { page })
    }
}
