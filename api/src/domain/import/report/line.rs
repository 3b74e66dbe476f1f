//! A line of a report: one movement of the balance, with amounts in major units.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::json;

use crate::{
    domain::{import::PageOrigin, money::parse_minor},
    ids::BalanceTransactionId,
    storage::BalanceTransactionRow,
    stripe::ReportRecord,
};

/// The columns that are asked for, where they can be.
pub(super) const COLUMNS: [&str; 9] = [
    "balance_transaction_id",
    "created_utc",
    "available_on_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
];

/// Where in a line the columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportColumns {
    width: usize,
    id: usize,
    created: usize,
    available: Option<usize>,
    currency: usize,
    gross: usize,
    fee: usize,
    net: usize,
    category: usize,
    source: Option<usize>,
}

/// A line that cannot be read; names columns, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedLine {
    /// The balance transaction, where the line names one.
    pub stripe_id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl ReportColumns {
    /// Finds the columns in a file's first line; the missing ones where it has not all that are needed.
    pub fn of(first: &ReportRecord) -> Result<Self, Vec<&'static str>> {
        let place = |name: &str| {
            let mut names = first.values();
            names.position(|value| value.trim_start_matches('\u{feff}').trim() == name)
        };
        let [
            id,
            created,
            available,
            currency,
            gross,
            fee,
            net,
            category,
            source,
        ] = COLUMNS.map(place);
        let needed = (id, created, currency, gross, fee, net, category);
        let (
            Some(id),
            Some(created),
            Some(currency),
            Some(gross),
            Some(fee),
            Some(net),
            Some(category),
        ) = needed
        else {
            let optional = ["available_on_utc", "source_id"];
            let missing = COLUMNS.into_iter().filter(|name| place(name).is_none());
            return Err(missing.filter(|name| !optional.contains(name)).collect());
        };
        Ok(Self {
            width: first.len(),
            id,
            created,
            available,
            currency,
            gross,
            fee,
            net,
            category,
            source,
        })
    }

    /// The balance transaction that a line tells of; it never replaces one that is known otherwise.
    pub fn row(
        &self,
        origin: PageOrigin,
        line: &ReportRecord,
    ) -> Result<BalanceTransactionRow, MalformedLine> {
        let text = |column: usize| line.get(column).unwrap_or_default().trim();
        let id = text(self.id);
        let wrong = |reason: &str| MalformedLine {
            stripe_id: is_id(id).then(|| id.to_owned()),
            reason: reason.to_owned(),
        };
        if line.len() != self.width {
            return Err(wrong(
                "the line has another number of values than the file has columns",
            ));
        }
        if !is_id(id) {
            return Err(wrong("balance_transaction_id is no id"));
        }
        let currency = text(self.currency).to_ascii_lowercase();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(wrong("currency is none"));
        }
        let amount = |column, name: &str| {
            parse_minor(text(column), &currency)
                .ok_or_else(|| wrong(&format!("{name} is no amount in the line's currency")))
        };
        let (gross, fee, net) = (
            amount(self.gross, "gross")?,
            amount(self.fee, "fee")?,
            amount(self.net, "net")?,
        );
        if gross.checked_sub(fee) != Some(net) {
            return Err(wrong("net is not gross without fee"));
        }
        let created_at = time(text(self.created)).ok_or_else(|| wrong("created_utc is no time"))?;
        let category = text(self.category);
        let source = self.source.map(text).filter(|source| is_id(source));
        Ok(BalanceTransactionRow {
            id: BalanceTransactionId::of(origin.connection, id).0,
            workspace_id: origin.workspace.0,
            connection_id: origin.connection.0,
            stripe_id: id.to_owned(),
            kind: kind(category).to_owned(),
            reporting_category: Some(category.to_owned()).filter(|category| !category.is_empty()),
            status: None,
            amount_minor: gross,
            fee_minor: fee,
            net_minor: net,
            exchange_rate: None,
            fee_details: json!([]),
            source_id: source.map(str::to_owned),
            payout_id: None,
            available_at: self.available.map(text).and_then(time),
            created_at,
            // A line says less than Stripe says elsewhere: whatever is known, or comes, is newer than its entry's begin.
            observed_at: created_at,
            currency,
        })
    }
}

/// Stripe's `type` is no column; where its category tells it, it is that.
fn kind(category: &str) -> &str {
    match category {
        // Stripe contract section 7.5.
        "dispute" | "dispute_reversal" => "adjustment",
        "" => "unknown",
        other => other,
    }
}

/// Ids are text of up to 255 characters (Stripe contract section 1); not every text may be stored.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `2026-01-31 12:00:00`, and as other versions write it.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let naive = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN))
    };
    if let Some(naive) = naive.or_else(day) {
        return Some(naive.and_utc());
    }
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    const ORIGIN: PageOrigin = PageOrigin {
        workspace: WorkspaceId(Uuid::nil()),
        connection: ConnectionId(Uuid::nil()),
        observed_at: DateTime::UNIX_EPOCH,
    };

    fn columns() -> ReportColumns {
        ReportColumns::of(&ReportRecord::from(COLUMNS.to_vec())).unwrap()
    }

    fn read(changes: &[(usize, &str)]) -> Result<BalanceTransactionRow, String> {
        let mut line = vec![
            "txn_1",
            "2026-01-31 12:00:00",
            "2026-02-02",
            "USD",
            "10.00",
            "0.59",
            "9.41",
            "charge",
            "ch_1",
        ];
        for (column, value) in changes {
            line[*column] = value;
        }
        columns()
            .row(ORIGIN, &ReportRecord::from(line))
            .map_err(|malformed| malformed.reason)
    }

    #[test]
    fn a_line_tells_of_a_balance_transaction() {
        let row = read(&[]).unwrap();

        assert_eq!(
            (row.amount_minor, row.fee_minor, row.net_minor),
            (1000, 59, 941)
        );
        assert_eq!((&*row.currency, &*row.kind), ("usd", "charge"));
        assert_eq!(row.source_id.as_deref(), Some("ch_1"));
        assert_eq!(row.created_at.to_rfc3339(), "2026-01-31T12:00:00+00:00");
        assert_eq!(
            row.available_at.unwrap().to_rfc3339(),
            "2026-02-02T00:00:00+00:00"
        );
    }

    #[test]
    fn currencies_without_and_with_three_decimals_are_exact() {
        let yen = read(&[(3, "jpy"), (4, "1000"), (5, "36.00"), (6, "964")]).unwrap();
        let dinar = read(&[(3, "kwd"), (4, "1.230"), (5, "0.01"), (6, "1.22")]).unwrap();

        assert_eq!(
            (yen.amount_minor, yen.fee_minor, yen.net_minor),
            (1000, 36, 964)
        );
        assert_eq!(
            (dinar.amount_minor, dinar.fee_minor, dinar.net_minor),
            (1230, 10, 1220)
        );
    }

    #[test]
    fn columns_may_come_in_any_order_and_not_all_are_needed() {
        let first = ReportRecord::from(vec![
            "\u{feff}net",
            "fee",
            "gross",
            "more",
            "currency",
            "created_utc",
            "reporting_category",
            "balance_transaction_id",
        ]);
        let line = ReportRecord::from(vec![
            "-5.00",
            "0",
            "-5",
            "x",
            "eur",
            "2026-01-31 12:00:00",
            "refund",
            "txn_2",
        ]);

        let row = ReportColumns::of(&first)
            .unwrap()
            .row(ORIGIN, &line)
            .unwrap();

        assert_eq!((row.amount_minor, row.source_id), (-500, None));
    }

    #[test]
    fn missing_columns_are_named() {
        let first = ReportRecord::from(vec![
            "balance_transaction_id",
            "currency",
            "gross",
            "net",
            "created_utc",
        ]);

        assert_eq!(
            ReportColumns::of(&first),
            Err(vec!["fee", "reporting_category"])
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_without_its_values() {
        let cases: [(&[(usize, &str)], &str); 9] = [
            (&[(0, "")], "balance_transaction_id"),
            (&[(0, "txn\u{0}1")], "balance_transaction_id"),
            (&[(1, "yesterday")], "created_utc"),
            (&[(3, "dollars")], "currency"),
            (&[(4, "10.001")], "gross"),
            (&[(4, "1e3")], "gross"),
            (&[(5, "4242424242424242424242")], "fee"),
            (&[(6, "9.42")], "net"),
            (&[(3, "jpy"), (4, "10.50")], "gross"),
        ];
        for (changes, named) in cases {
            let reason = read(changes).unwrap_err();
            assert!(reason.starts_with(named), "{changes:?}: {reason}");
            assert!(!reason.contains("4242"), "{reason}");
        }
        let short = columns().row(ORIGIN, &ReportRecord::from(vec!["txn_1", "x"]));
        let short = short.unwrap_err();
        assert_eq!(short.stripe_id.as_deref(), Some("txn_1"));
        assert!(short.reason.contains("number of values"), "{short:?}");
    }
}
