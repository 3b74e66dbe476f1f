//! Tokens of a host application: which are taken, whose keys they are checked with, and what their callers may do.

mod callers;
mod doctor;
mod ending;
mod issuers;
mod keys;
mod refusals;
mod support;
mod tokens;
