//! Lists after Relay: a page of nodes, each with its cursor.

mod connections;
mod deliveries;
mod exports;
mod imports;
mod payments;
mod refunds;

pub(in crate::graphql) use connections::DataConnectionConnection;
pub(in crate::graphql) use deliveries::NotificationDeliveryConnection;
pub(in crate::graphql) use exports::PaymentExportConnection;
pub(in crate::graphql) use imports::ImportConnection;
pub(in crate::graphql) use payments::PaymentConnection;
pub(in crate::graphql) use refunds::RefundConnection;

/// Writes the type of a list, of edges of a type that has the fields `cursor` and `node`. The list has the field `page` and
/// what its own fields need, which come last.
macro_rules! list_type {
    (
        $(#[$list_doc:meta])* $list:ident { $($field:ident: $ty:ty),* $(,)? }
        $many:ident of $edge:ident of $node:ident;
        $($own:tt)*
    ) => {
        $(#[$list_doc])*
        #[derive(Clone, Debug)]
        pub(in crate::graphql) struct $list {
            page: $crate::graphql::paging::Page<$node>,
            $($field: $ty,)*
        }

        $(#[$list_doc])*
        #[async_graphql::Object]
        impl $list {
            /// The entries of the page, each with its cursor.
            async fn edges(&self) -> $many<$edge> {
                let edge = |(at, node): &($crate::graphql::cursor::Position, $node)| $edge {
                    cursor: self.page.cursor(*at),
                    node: node.clone(),
                };
                self.page.nodes.iter().map(edge).collect()
            }

            /// The entries of the page without their cursors.
            async fn nodes(&self) -> $many<$node> {
                self.page.nodes.iter().map(|(_, node)| node.clone()).collect()
            }

            /// Where the page lies in the list.
            async fn page_info(&self) -> $crate::graphql::paging::PageInfo {
                self.page.info()
            }

            $($own)*
        }
    };
}

/// Writes the type of an edge.
macro_rules! edge_type {
    ($(#[$edge_doc:meta])* $edge:ident of $node:ident) => {
        $(#[$edge_doc])*
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub(in crate::graphql) struct $edge {
            /// Where the entry stands in the list, for `after` and `before`.
            cursor: String,
            /// The entry itself.
            node: $node,
        }
    };
}

use {edge_type, list_type};
