//! The shape of the sources: who imports whom, which library lives where, how large things are.

mod catches;
mod rules;
mod source;
mod tokens;
mod tree;
