//! Live events: received, applied in any order, recovered.

mod dead_letters;
mod fees;
mod lives;
mod outage;
mod platform;
mod receiving;
mod recovering;
mod revoking;
mod revoking_late;
mod sigkill;
mod signature_vectors;
pub(crate) mod support;
