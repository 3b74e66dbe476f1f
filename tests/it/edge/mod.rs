//! The edge: GraphQL over HTTP and sockets, paging, filters, other workspaces, the command line.
