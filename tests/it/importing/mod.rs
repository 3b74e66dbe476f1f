//! Importing: faults, crashes, leases, versions, what is stored.

mod again;
mod balance;
mod broken_objects;
mod cancel;
mod claims;
mod complete;
mod database_outage;
mod fences;
mod key_lost;
mod migrations;
mod odd_objects;
mod odd_text;
mod pace;
mod permissions;
mod personal_data;
mod progress;
mod resume;
mod sigkill;
mod start;
mod stripe_faults;
mod stripe_outage;
mod support;
mod two_workers;
mod versions;
mod windows;
