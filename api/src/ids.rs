//! Identifiers of rows, and the randomness that identifiers and secrets are made of.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

macro_rules! id {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

id! {
    /// Names a workspace: the tenant that owns everything else.
    WorkspaceId;
    /// Names an API token.
    TokenId;
    /// Names a data connection.
    ConnectionId;
    /// Names one run of an import.
    ImportId;
    /// Names a window: the unit of an import's work.
    WindowId;
    /// Names an export of payments.
    ExportId;
    /// Names a payment.
    PaymentId;
    /// Names a refund.
    RefundId;
    /// Names a dispute.
    DisputeId;
    /// Names a balance transaction.
    BalanceTransactionId;
    /// Names a stored Stripe object that has no table of its own.
    StripeObjectId;
    /// Names a source or token that a charge names.
    ReferenceId;
    /// Names an event of the inbox.
    InboxEventId;
    /// Names an endpoint that partners are told at.
    NotificationEndpointId;
    /// Names a message to such an endpoint.
    NotificationDeliveryId;
}

/// The id of a kind of thing that clients name.
pub trait NodeKey: Copy + From<Uuid> + Into<Uuid> {
    /// What ids of this kind start with.
    const PREFIX: &'static str;
}

macro_rules! node_keys {
    ($($key:ident $prefix:literal),+ $(,)?) => {
        $(impl NodeKey for $key {
            const PREFIX: &'static str = $prefix;
        })+

        /// What ids as clients see them start with.
        pub const NODE_PREFIXES: &[&str] = &[$($prefix),+];
    };
}

node_keys! {
    WorkspaceId "wsp_",
    TokenId "tok_",
    ConnectionId "con_",
    ImportId "imp_",
    PaymentId "pay_",
    RefundId "ref_",
    DisputeId "dsp_",
    ExportId "exp_",
    NotificationEndpointId "nep_",
    NotificationDeliveryId "ntf_",
}

/// An id as clients see it: a prefix that tells the kind, and the UUID in hexadecimal.
pub fn node_id<K: NodeKey>(key: K) -> String {
    let uuid: Uuid = key.into();
    let mut buffer = Uuid::encode_buffer();
    format!("{}{}", K::PREFIX, uuid.simple().encode_lower(&mut buffer))
}

/// Names a request, in log lines and in errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(pub String);

macro_rules! derived_id {
    ($($name:ident),+) => {$(
        impl $name {
            /// The id of a Stripe object within a connection: always the same, so that nothing is looked up.
            #[must_use]
            pub fn of(connection: ConnectionId, stripe_id: &str) -> Self {
                Self(Uuid::new_v5(&connection.0, stripe_id.as_bytes()))
            }
        }
    )+};
}

derived_id!(
    PaymentId,
    RefundId,
    DisputeId,
    BalanceTransactionId,
    StripeObjectId,
    ReferenceId,
    InboxEventId
);

/// Gives bytes that nobody can foresee.
pub trait Entropy: Send + Sync {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Entropy as the parts of the gateway share it.
pub type SharedEntropy = Arc<dyn Entropy>;

/// The thread's cryptographic generator, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Tells the time that ids carry.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Makes new ids from the time and entropy, and lends the entropy.
#[derive(Clone)]
pub struct Ids {
    now: Now,
    entropy: SharedEntropy,
    last: Arc<AtomicU64>,
}

impl Entropy for Ids {
    fn fill(&self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }
}

/// The bits of a UUID v7 between its version and its variant, used as the counter of RFC 9562 (6.2, method 1).
const COUNTER_BITS: u32 = 12;

/// A fresh millisecond starts its counter in the lower half, which leaves room to count up.
const COUNTER_SEED: u64 = 0x7ff;

impl Ids {
    /// Ids from this time and this entropy.
    #[must_use]
    pub fn new(now: Now, entropy: SharedEntropy) -> Self {
        Self {
            now,
            entropy,
            last: Arc::default(),
        }
    }

    /// A new UUID v7, greater than every earlier one of this source, also when the clock stands or goes back.
    #[must_use]
    pub fn next(&self) -> Uuid {
        let random = self.random::<10>();
        let (counter, tail) = random.split_at(2);
        let counter = u64::from(u16::from_be_bytes([counter[0], counter[1]])) & COUNTER_SEED;
        let millis = u64::try_from((self.now)().timestamp_millis()).unwrap_or(0);
        let moment = self.advance((millis << COUNTER_BITS) | counter);

        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&moment.to_be_bytes()[6..]);
        bytes[2..].copy_from_slice(tail);
        Builder::from_unix_timestamp_millis(moment >> COUNTER_BITS, &bytes).into_uuid()
    }

    /// `N` bytes that nobody can foresee.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// The candidate, or what follows the last id where that is later: a full counter runs over into the next millisecond.
    fn advance(&self, candidate: u64) -> u64 {
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = candidate.max(last + 1);
            match self
                .last
                .compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return next,
                Err(current) => last = current,
            }
        }
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of a moment that does not pass.
    fn standing() -> Ids {
        let moment = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        Ids::new(Arc::new(move || moment), Arc::new(SystemEntropy))
    }

    #[test]
    fn ids_rise_while_the_clock_stands() {
        let ids = standing();

        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();

        assert!(made.is_sorted_by(|a, b| a < b));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        assert!(
            made.iter()
                .all(|id| id.get_variant() == uuid::Variant::RFC4122)
        );
        let (seconds, nanos) = made[0].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_700_000_000, 123));
    }

    #[test]
    fn the_same_stripe_object_always_has_the_same_id() {
        let ids = standing();
        let (ours, theirs) = (ConnectionId(ids.next()), ConnectionId(ids.next()));

        assert_eq!(PaymentId::of(ours, "ch_1"), PaymentId::of(ours, "ch_1"));
        assert_ne!(PaymentId::of(ours, "ch_1"), PaymentId::of(ours, "ch_2"));
        assert_ne!(PaymentId::of(ours, "ch_1"), PaymentId::of(theirs, "ch_1"));
    }

    #[test]
    fn an_id_is_written_as_its_uuid() {
        let id = ImportId(Uuid::nil());

        assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000000");
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
    }
}
