//! What no list has, and charges name: sources and tokens (Stripe contract section 2.4).

use super::{PageOrigin, Resource};
use crate::{ids::ReferenceId, storage::ReferenceRow, stripe::object::Charge};

/// The sources and tokens that a charge was paid with; Stripe tells them apart from payment methods by their prefix.
pub(super) fn references(origin: PageOrigin, charge: &Charge) -> Vec<ReferenceRow> {
    let source = charge
        .source
        .as_ref()
        .and_then(|source| source.id.as_deref());
    let method = charge.payment_method.as_deref();
    let method = method.filter(|method| source != Some(*method));
    let row = |id: &str| {
        let resource = of_id(id)?;
        Some(ReferenceRow {
            id: ReferenceId::of(origin.connection, id).0,
            workspace_id: origin.workspace.0,
            connection_id: origin.connection.0,
            resource: resource.name().to_owned(),
            stripe_id: id.to_owned(),
            fetched_at: None,
            observed_at: origin.observed_at,
        })
    };
    [source, method]
        .into_iter()
        .flatten()
        .filter_map(row)
        .collect()
}

fn of_id(id: &str) -> Option<Resource> {
    match id.split_once('_')?.0 {
        "src" => Some(Resource::Sources),
        "tok" => Some(Resource::Tokens),
        _ => None,
    }
}
