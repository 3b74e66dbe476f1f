//! What operations cost: told by the schema, limited for each operation, and taken from the caller's allowance.
//!
//! A field costs 1 or what its directive `@cost` says; what is selected of a list costs as often as the list is long. So the
//! cost is known before anything is resolved, in time proportional to the document, and what pages did not hold is given
//! back afterwards.

mod bill;
mod charge;
mod directives;
mod prices;
#[cfg(test)]
mod tests;

pub(super) use bill::Bill;
pub(super) use charge::Charge;
pub(super) use directives::{cost, list_size};
pub(super) use prices::Prices;
