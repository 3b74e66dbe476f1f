//! Importing: faults, crashes, leases, versions, what is stored.
