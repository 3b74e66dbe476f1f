//! Stripe's objects, with only what Inlet stores.
//!
//! Unknown fields are skipped, enumerations are open texts, what may be missing is `None`. Names,
//! e-mail addresses, phone numbers, streets and client secrets are never read, so they cannot leak.

pub mod balance_transaction;
pub mod charge;
pub mod dispute;
pub mod expandable;
pub mod outcome;
pub mod payment_intent;
pub mod payment_method;
pub mod refund;

pub(super) mod lenient;

pub use balance_transaction::{BalanceTransaction, FeeDetail};
pub use charge::{Address, BillingDetails, Charge, PaidWith};
pub use dispute::Dispute;
pub use expandable::Expandable;
pub use outcome::Outcome;
pub use payment_intent::{PaymentError, PaymentIntent};
pub use payment_method::{
    BankDetails, CardChecks, CardDetails, PaymentMethodDetails, ThreeDSecure, Wallet,
};
pub use refund::Refund;
