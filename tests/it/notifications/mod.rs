//! Partners are told what happens: signed, again where it failed, and nowhere inside.

mod receiver;
mod support;

mod endings;
mod guarding;
mod keeping;
mod managing;
mod retrying;
mod rotating;
mod sigkill;
mod signing;
mod telling;
mod telling_payments;
