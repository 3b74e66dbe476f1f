//! `schema.graphql` against the public contract, and against what clients and Relay expect of any schema.

mod compare;
mod compare_tests;
mod complete;
mod complete_tests;
mod schema;
mod tree;
