//! Payments of which only some columns are read: a list of fifty payments is shown by a dozen columns more often than by
//! all of them, and every column costs both sides.

use std::{ops::Deref, sync::Arc};

use entity::payment::{Entity, Model};
use sea_orm::{
    Condition, DbErr, QueryResult,
    sea_query::{Expr, Query, SelectStatement},
};

use super::cells::{Cell, Cells};

/// What was read of a payment: columns that were not are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadPayment {
    row: Model,
    has_outcome: bool,
}

impl ReadPayment {
    /// Whether anything is known of what the network, the issuer or Stripe's own rules said; where [`HasOutcome`] was not
    /// asked for, as far as the columns that were read tell.
    ///
    /// [`HasOutcome`]: PaymentColumn::HasOutcome
    #[must_use]
    pub fn has_outcome(&self) -> bool {
        self.has_outcome
    }
}

impl Deref for ReadPayment {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.row
    }
}

/// Some columns of `payments`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PaymentColumns(u64);

impl PaymentColumns {
    /// Every column of the table.
    pub const ALL: Self = Self(bit(PaymentColumn::HasOutcome) - 1);

    /// These columns.
    #[must_use]
    pub fn of(columns: &[PaymentColumn]) -> Self {
        let bits = columns.iter().map(|column| bit(*column));
        Self(bits.fold(0, |all, one| all | one))
    }

    /// The columns of both.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    fn has(self, column: PaymentColumn) -> bool {
        self.0 & bit(column) != 0
    }

    /// A query for these columns of the payments that a condition leaves, in the order in which [`Self::read`] takes
    /// them.
    pub(super) fn select(self, condition: Condition) -> SelectStatement {
        let columns = EACH.iter().filter(|column| self.has(**column));
        let sql: Vec<_> = columns.map(|column| column.sql()).collect();
        // As one expression: most of the time of making a statement went into its columns.
        let mut query = Query::select();
        query
            .expr(Expr::cust(sql.join(", ")))
            .from(Entity)
            .cond_where(condition);
        query
    }

    /// The payment in a result of these columns.
    pub(super) fn read(self, result: &QueryResult) -> Result<Arc<ReadPayment>, DbErr> {
        // Filled where it stays: a payment is large, and most of it is empty.
        let mut payment = Arc::new(ReadPayment::default());
        if let Some(ReadPayment { row, has_outcome }) = Arc::get_mut(&mut payment) {
            let mut reading = Reading {
                cells: Cells::of(result)?,
                columns: self,
                at: 0,
            };
            reading.fill(row)?;
            *has_outcome = outcome_is_known(row);
            reading.next(PaymentColumn::HasOutcome, has_outcome)?;
        }
        Ok(payment)
    }
}

const fn bit(column: PaymentColumn) -> u64 {
    1 << column as u32
}

/// Reads the columns of a row one after the other.
struct Reading<'a> {
    cells: Cells<'a>,
    columns: PaymentColumns,
    at: usize,
}

impl Reading<'_> {
    /// A column, where it was selected.
    fn next<T: Cell>(&mut self, column: PaymentColumn, into: &mut T) -> Result<(), DbErr> {
        if self.columns.has(column) {
            *into = T::read(self.cells, self.at)?;
            self.at += 1;
        }
        Ok(())
    }
}

/// Names every column once, in the order in which they are selected, with its name in the table.
macro_rules! columns {
    ($($column:ident $field:ident,)+; $(outcome $of:ident,)+) => {
        /// What may be read of a payment: a column of its table, by its name, or what is told from several.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names of the columns")]
        pub enum PaymentColumn {
            $($column,)+
            /// Whether anything of the outcome is known.
            HasOutcome,
        }

        const EACH: &[PaymentColumn] = &[$(PaymentColumn::$column,)+ PaymentColumn::HasOutcome];

        /// Each has a bit.
        const _: () = assert!(EACH.len() < u64::BITS as usize);

        impl PaymentColumn {
            const fn sql(self) -> &'static str {
                match self {
                    $(Self::$column => concat!("payments.", stringify!($field)),)+
                    Self::HasOutcome => concat!("(FALSE", $(" OR payments.", stringify!($of), " IS NOT NULL",)+ ")"),
                }
            }
        }

        impl Reading<'_> {
            fn fill(&mut self, row: &mut Model) -> Result<(), DbErr> {
                let Model { $($field),+ } = row;
                $(self.next(PaymentColumn::$column, $field)?;)+
                Ok(())
            }
        }

        fn outcome_is_known(row: &Model) -> bool {
            $(row.$of.is_some())||+
        }
    };
}

columns! {
    Id id,
    WorkspaceId workspace_id,
    ConnectionId connection_id,
    StripeId stripe_id,
    PaymentIntentId payment_intent_id,
    Status status,
    Livemode livemode,
    CreatedAt created_at,
    ObservedAt observed_at,
    Currency currency,
    AmountMinor amount_minor,
    AmountThousandths amount_thousandths,
    AmountCapturedMinor amount_captured_minor,
    AmountRefundedMinor amount_refunded_minor,
    Disputed disputed,
    BalanceTransactionId balance_transaction_id,
    SettlementCurrency settlement_currency,
    FeeMinor fee_minor,
    NetMinor net_minor,
    ExchangeRate exchange_rate,
    PayoutId payout_id,
    CustomerId customer_id,
    CustomerCountry customer_country,
    CustomerPostalCode customer_postal_code,
    Description description,
    StatementDescriptor statement_descriptor,
    StoredCredential stored_credential,
    Metadata metadata,
    MethodType method_type,
    CardBrand card_brand,
    CardNetwork card_network,
    CardLast4 card_last4,
    CardBin card_bin,
    CardIssuer card_issuer,
    CardCountry card_country,
    CardFunding card_funding,
    CardExpMonth card_exp_month,
    CardExpYear card_exp_year,
    CardFingerprint card_fingerprint,
    CardWallet card_wallet,
    ThreeDSecureResult three_d_secure_result,
    ThreeDSecureVersion three_d_secure_version,
    ThreeDSecureFlow three_d_secure_flow,
    CheckAddressLine1 check_address_line1,
    CheckPostalCode check_postal_code,
    CheckCvc check_cvc,
    NetworkTransactionId network_transaction_id,
    OutcomeNetworkStatus outcome_network_status,
    OutcomeType outcome_type,
    OutcomeReason outcome_reason,
    OutcomeSellerMessage outcome_seller_message,
    RiskLevel risk_level,
    RiskScore risk_score,
    FailureCode failure_code,
    FailureMessage failure_message,
    DeclineCode decline_code,
    NetworkDeclineCode network_decline_code,
    NetworkAdviceCode network_advice_code,
    ;
    outcome outcome_network_status,
    outcome outcome_type,
    outcome outcome_reason,
    outcome outcome_seller_message,
    outcome risk_level,
    outcome risk_score,
    outcome failure_code,
    outcome failure_message,
    outcome decline_code,
    outcome network_decline_code,
    outcome network_advice_code,
}
