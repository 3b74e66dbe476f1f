//! `expand[]`: which fields become whole objects, and whether the key may see those.

use std::collections::BTreeMap;

use super::caller::Caller;
use super::error::StripeError;
use crate::permission::Permission;
use crate::resource::Resource;

/// Stripe expands no deeper.
const DEEPEST: usize = 4;

/// The fields to expand, each with what to expand in it.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    pub(super) fields: BTreeMap<&'static str, Expansion>,
}

#[derive(Clone, Copy)]
enum Target {
    One(Resource),
    /// The source of a balance transaction, which can be of any kind.
    Source,
    /// The list of a charge's refunds.
    Refunds,
    /// Checked, but nothing is kept of these: they stay ids.
    Elsewhere(Permission),
}

impl Expansion {
    /// Reads the paths of a request for objects, or for a list of them.
    pub(super) fn read<'a>(
        paths: impl Iterator<Item = &'a str>,
        resource: Resource,
        of_list: bool,
        caller: &Caller,
    ) -> Result<Self, StripeError> {
        let mut expansion = Self::default();
        for path in paths {
            let refused = || StripeError::not_expandable(path);
            let inner = if of_list {
                path.strip_prefix("data.").ok_or_else(refused)?
            } else {
                path
            };
            if path.split('.').count() > DEEPEST {
                return Err(refused());
            }
            expansion.add(inner, resource, caller, &refused)?;
        }
        Ok(expansion)
    }

    fn add(
        &mut self,
        path: &str,
        resource: Resource,
        caller: &Caller,
        refused: &impl Fn() -> StripeError,
    ) -> Result<(), StripeError> {
        let (name, rest) = path
            .split_once('.')
            .map_or((path, None), |(name, rest)| (name, Some(rest)));
        let (field, target) = expandable(resource, name).ok_or_else(refused)?;
        caller.require(target.permission())?;
        let inner = self.fields.entry(field).or_default();
        match (target, rest) {
            (_, None) => Ok(()),
            (Target::One(next), Some(rest)) => inner.add(rest, next, caller, refused),
            (Target::Refunds, Some(rest)) => {
                let rest = rest.strip_prefix("data.").ok_or_else(refused)?;
                inner.add(rest, Resource::Refund, caller, refused)
            }
            (Target::Source | Target::Elsewhere(_), Some(_)) => Err(refused()),
        }
    }
}

impl Target {
    fn permission(self) -> Permission {
        match self {
            Self::One(resource) => resource.permission(),
            Self::Source => Permission::BalanceTransactionSourceRead,
            Self::Refunds => Permission::ChargeRead,
            Self::Elsewhere(permission) => permission,
        }
    }
}

fn expandable(resource: Resource, name: &str) -> Option<(&'static str, Target)> {
    const BALANCE: Target = Target::One(Resource::BalanceTransaction);
    const INTENT: Target = Target::One(Resource::PaymentIntent);
    const CHARGE: Target = Target::One(Resource::Charge);
    const CUSTOMER: Target = Target::Elsewhere(Permission::CustomerRead);
    const METHOD: Target = Target::Elsewhere(Permission::PaymentMethodRead);
    const REVIEW: Target = Target::Elsewhere(Permission::ReviewRead);
    let fields: &[(&'static str, Target)] = match resource {
        Resource::Charge => &[
            ("balance_transaction", BALANCE),
            ("customer", CUSTOMER),
            ("failure_balance_transaction", BALANCE),
            ("payment_intent", INTENT),
            ("refunds", Target::Refunds),
            ("review", REVIEW),
        ],
        Resource::Refund => &[
            ("balance_transaction", BALANCE),
            ("charge", CHARGE),
            ("customer", CUSTOMER),
            ("failure_balance_transaction", BALANCE),
            ("payment_intent", INTENT),
            ("payment_method", METHOD),
        ],
        Resource::Dispute => &[
            ("charge", CHARGE),
            ("payment_intent", INTENT),
            ("balance_transactions", BALANCE),
        ],
        Resource::PaymentIntent => &[
            ("customer", CUSTOMER),
            ("latest_charge", CHARGE),
            ("payment_method", METHOD),
            ("review", REVIEW),
        ],
        Resource::BalanceTransaction => &[("source", Target::Source)],
        Resource::Payout | Resource::Transfer => &[("balance_transaction", BALANCE)],
        Resource::Product
        | Resource::File
        | Resource::SubscriptionItem
        | Resource::Source
        | Resource::Token => &[],
        Resource::Subscription => &[("customer", CUSTOMER), ("default_payment_method", METHOD)],
        Resource::SetupIntent => &[("customer", CUSTOMER), ("payment_method", METHOD)],
        Resource::CreditNote | Resource::PaymentMethod => &[("customer", CUSTOMER)],
    };
    fields.iter().find(|(field, _)| *field == name).copied()
}
