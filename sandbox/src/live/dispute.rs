//! Disputes.

use serde_json::{Value, json};

use super::hold::ensure_captured;
use super::stage::{Stage, ensure, intent_of, number, text};
use super::{Ids, Impossible};
use crate::resource::Resource;

pub(super) fn open(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let charge = stage.load(Resource::Charge, id)?;
    ensure_captured(&charge)?;
    let dispute = stage.maker.dispute(&charge);
    let mut begun = dispute.clone();
    begun["balance_transactions"] = json!([]);
    stage.make(Resource::Dispute, &begun, "charge.dispute.created");
    stage.write(Resource::Dispute, &dispute);
    stage.tell_change("charge.dispute.funds_withdrawn", &begun, &dispute);
    stage.change(Resource::Charge, id, "charge.updated", |charge| {
        charge["disputed"] = true.into();
    })?;
    Ok((text(&dispute, "id").to_owned(), intent_of(&dispute)))
}

pub(super) fn close(stage: &mut Stage<'_>, id: &str, won: bool) -> Result<Ids, Impossible> {
    let dispute = stage.load(Resource::Dispute, id)?;
    let is_open = matches!(text(&dispute, "status"), "needs_response" | "under_review");
    ensure(is_open, "the dispute is over")?;
    let closed = stage.change(Resource::Dispute, id, "charge.dispute.closed", |dispute| {
        dispute["status"] = if won { "won" } else { "lost" }.into();
        dispute["evidence_details"]["due_by"] = Value::Null;
        dispute["evidence_details"]["has_evidence"] = won.into();
        dispute["evidence_details"]["submission_count"] = i64::from(won).into();
    })?;
    if won {
        let charge = stage.load(Resource::Charge, text(&closed, "charge"))?;
        let back = stage
            .maker
            .reinstate(&charge, id, number(&closed, "amount"));
        stage.change(
            Resource::Dispute,
            id,
            "charge.dispute.funds_reinstated",
            |dispute| {
                if let Some(movements) = dispute["balance_transactions"].as_array_mut() {
                    movements.push(back);
                }
            },
        )?;
    }
    Ok((id.to_owned(), intent_of(&closed)))
}
