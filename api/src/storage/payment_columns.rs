//! Payments of which only some columns are read: a list of fifty payments is shown by a dozen columns more often than by
//! all of them, and every column costs both sides.

use entity::payment::Column;
use sea_orm::{DbErr, QueryResult, TryGetable};

use super::PaymentRow;

/// Some columns of `payments`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentColumns(u64);

impl PaymentColumns {
    /// Every column.
    pub const ALL: Self = Self(u64::MAX);

    /// These columns.
    #[must_use]
    pub fn of(columns: &[Column]) -> Self {
        let bits = columns.iter().map(|column| bit(*column));
        Self(bits.fold(0, |all, one| all | one))
    }

    /// The columns of both.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    fn has(self, column: Column) -> bool {
        self.0 & bit(column) != 0
    }
}

fn bit(column: Column) -> u64 {
    1 << column as u32
}

/// Reads the columns of a row one after the other.
struct Reading<'a> {
    result: &'a QueryResult,
    columns: PaymentColumns,
    at: usize,
}

impl Reading<'_> {
    /// A column that was selected; of another one nothing.
    fn next<T: TryGetable + Default>(&mut self, column: Column) -> Result<T, DbErr> {
        if !self.columns.has(column) {
            return Ok(T::default());
        }
        self.at += 1;
        self.result.try_get_by_index(self.at - 1)
    }
}

/// Names every column once, in the order in which they are selected, with its place in a row.
macro_rules! columns {
    ($($column:ident $field:ident,)+) => {
        const ALL_COLUMNS: [Column; 1 + Column::NetworkAdviceCode as usize] = [$(Column::$column),+];

        /// Each has a bit.
        const _: () = assert!(ALL_COLUMNS.len() <= u64::BITS as usize);

        impl PaymentColumns {
            /// The payment in a result that has these columns and no others; what was not read is empty.
            pub(super) fn read(self, result: &QueryResult) -> Result<PaymentRow, DbErr> {
                let mut reading = Reading { result, columns: self, at: 0 };
                Ok(PaymentRow { $($field: reading.next(Column::$column)?),+ })
            }
        }
    };
}

impl PaymentColumns {
    /// The columns, in the order in which they are read.
    pub(super) fn each(self) -> impl Iterator<Item = Column> {
        ALL_COLUMNS
            .into_iter()
            .filter(move |column| self.has(*column))
    }
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
}
