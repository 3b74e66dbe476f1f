//! Refunds.

use serde_json::json;

use super::hold::ensure_captured;
use super::stage::{Stage, ensure, intent_of, number, text};
use super::{Ids, Impossible};
use crate::resource::Resource;

pub(super) fn refund(
    stage: &mut Stage<'_>,
    id: &str,
    amount: Option<i64>,
) -> Result<Ids, Impossible> {
    let charge = stage.load(Resource::Charge, id)?;
    ensure_captured(&charge)?;
    let left = number(&charge, "amount_captured") - number(&charge, "amount_refunded");
    let amount = amount.unwrap_or(left);
    ensure(
        (1..=left).contains(&amount),
        "so much is not left to refund",
    )?;
    let refund = stage.maker.refund(&charge, amount, "succeeded");
    stage.make(Resource::Refund, &refund, "refund.created");
    stage.change(Resource::Charge, id, "charge.refunded", |charge| {
        charge["amount_refunded"] = (number(charge, "amount_refunded") + amount).into();
        charge["refunded"] = (amount == left).into();
    })?;
    Ok((text(&refund, "id").to_owned(), intent_of(&charge)))
}

/// The money of a refund comes back.
pub(super) fn fail(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let refund = stage.load(Resource::Refund, id)?;
    let went = matches!(text(&refund, "status"), "succeeded" | "pending");
    ensure(
        went && refund["balance_transaction"].is_string(),
        "the refund moved no money",
    )?;
    let back = stage.maker.fail_refund(&refund);
    let refund = stage.change(Resource::Refund, id, "refund.updated", |refund| {
        refund["status"] = "failed".into();
        refund["failure_reason"] = "lost_or_stolen_card".into();
        refund["failure_balance_transaction"] = json!(back);
    })?;
    stage.tell("refund.failed", &refund);
    stage.change(
        Resource::Charge,
        text(&refund, "charge"),
        "charge.updated",
        |charge| {
            let left = number(charge, "amount_refunded") - number(&refund, "amount");
            charge["amount_refunded"] = left.max(0).into();
            charge["refunded"] = false.into();
        },
    )?;
    Ok((id.to_owned(), intent_of(&refund)))
}
