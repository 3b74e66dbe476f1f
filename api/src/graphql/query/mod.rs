//! The queries, by what they are about.

mod connections;
mod exports;
mod nodes;
mod notifications;
mod payments;
mod viewer;

use async_graphql::MergedObject;

/// What can be asked.
#[derive(Default, MergedObject)]
pub(super) struct Query(
    nodes::NodeQuery,
    viewer::ViewerQuery,
    connections::ConnectionQuery,
    payments::PaymentQuery,
    exports::ExportQuery,
    notifications::NotificationQuery,
);
