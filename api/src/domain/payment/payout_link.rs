//! Whether a payout's list of payments is to be read.

use serde::Deserialize;

use crate::{
    domain::import::PageOrigin, ids::StripeObjectId, storage::PayoutLinkRow, stripe::RawObject,
};

#[derive(Deserialize)]
struct Payout {
    id: String,
    #[serde(default)]
    automatic: bool,
    status: Option<String>,
    reconciliation_status: Option<String>,
}

/// The list that a payout wants to be read; none for a manual payout, of which Stripe does not tell what is in it
/// (Stripe contract section 7.5), and while the money has not left the balance.
///
/// A payout that failed keeps its members: its money comes back as one entry, which is in a later payout.
pub(in crate::domain) fn payout_link(origin: PageOrigin, raw: &RawObject) -> Option<PayoutLinkRow> {
    let payout: Payout = raw.parse().ok()?;
    let status = payout.status.unwrap_or_default();
    let reconciled = payout.reconciliation_status.as_deref();
    let complete = match reconciled {
        Some(reconciled) => reconciled == "completed",
        // Older payouts do not tell.
        None => status == "paid",
    };
    let has_left = matches!(&*status, "in_transit" | "paid");
    (payout.automatic && (complete || has_left)).then(|| PayoutLinkRow {
        id: StripeObjectId::of(origin.connection, &payout.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        payout_id: payout.id,
        state: format!("{status}/{}", reconciled.unwrap_or("unknown")),
        complete,
        cursor: None,
        attempts: 0,
        run_at: Some(origin.observed_at),
        observed_at: origin.observed_at,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    fn link(payout: &Value) -> Option<(String, bool)> {
        let origin = PageOrigin {
            workspace: WorkspaceId(Uuid::nil()),
            connection: ConnectionId(Uuid::nil()),
            observed_at: DateTime::<Utc>::UNIX_EPOCH,
        };
        let raw = RawObject::read(payout.to_string().into_bytes()).unwrap();
        payout_link(origin, &raw).map(|link| (link.state, link.complete))
    }

    fn payout(automatic: bool, status: &str, reconciled: &Value) -> Value {
        json!({ "id": "po_1", "automatic": automatic, "status": status, "reconciliation_status": reconciled })
    }

    #[test]
    fn a_list_is_complete_once_stripe_says_so() {
        let of = |status, reconciled| link(&payout(true, status, &reconciled));
        let wanted = |state: &str, complete| Some((state.to_owned(), complete));

        assert_eq!(of("pending", json!("in_progress")), None);
        assert_eq!(
            of("in_transit", json!("in_progress")),
            wanted("in_transit/in_progress", false)
        );
        assert_eq!(
            of("paid", json!("in_progress")),
            wanted("paid/in_progress", false)
        );
        assert_eq!(
            of("paid", json!("completed")),
            wanted("paid/completed", true)
        );
        assert_eq!(
            of("failed", json!("completed")),
            wanted("failed/completed", true)
        );
        assert_eq!(of("failed", json!("in_progress")), None);
        assert_eq!(of("canceled", json!(null)), None);
        assert_eq!(of("paid", json!(null)), wanted("paid/unknown", true));
    }

    #[test]
    fn nothing_is_asked_of_manual_payouts_and_of_what_is_none() {
        assert_eq!(link(&payout(false, "paid", &json!("not_applicable"))), None);
        assert_eq!(link(&json!({ "id": "po_1", "status": "paid" })), None);
        assert_eq!(link(&json!({ "automatic": true, "status": "paid" })), None);
    }
}
