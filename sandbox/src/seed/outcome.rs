//! How a charge went: approved, declined, blocked or returned.

use serde::Serialize;

use super::Dice;

/// Stripe's `outcome`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Outcome {
    pub(super) advice_code: Option<&'static str>,
    pub(super) network_advice_code: Option<&'static str>,
    pub(super) network_decline_code: Option<&'static str>,
    network_status: &'static str,
    pub(super) reason: Option<&'static str>,
    risk_level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk_score: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    seller_message: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A decline: its code, the charge's failure code and what the network said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) failure: &'static str,
    pub(super) message: &'static str,
    advice: Option<&'static str>,
    network: Option<&'static str>,
}

const fn decline(
    code: &'static str,
    failure: &'static str,
    message: &'static str,
    advice: Option<&'static str>,
    network: Option<&'static str>,
) -> Decline {
    Decline {
        code,
        failure,
        message,
        advice,
        network,
    }
}

const AGAIN: Option<&str> = Some("try_again_later");
const NEVER: Option<&str> = Some("do_not_try_again");
const CONFIRM: Option<&str> = Some("confirm_card_data");
const DECLINED: &str = "Your card was declined.";

const DECLINES: [(u32, Decline); 14] = [
    (
        28,
        decline(
            "insufficient_funds",
            "card_declined",
            "Your card has insufficient funds.",
            AGAIN,
            Some("51"),
        ),
    ),
    (
        24,
        decline(
            "generic_decline",
            "card_declined",
            DECLINED,
            AGAIN,
            Some("05"),
        ),
    ),
    (
        14,
        decline("do_not_honor", "card_declined", DECLINED, AGAIN, Some("05")),
    ),
    (
        6,
        decline(
            "expired_card",
            "expired_card",
            "Your card has expired.",
            CONFIRM,
            Some("54"),
        ),
    ),
    (
        6,
        decline(
            "incorrect_cvc",
            "incorrect_cvc",
            "Your card's security code is incorrect.",
            CONFIRM,
            Some("N7"),
        ),
    ),
    (
        5,
        decline(
            "transaction_not_allowed",
            "card_declined",
            DECLINED,
            None,
            Some("57"),
        ),
    ),
    (
        4,
        decline("lost_card", "card_declined", DECLINED, NEVER, Some("41")),
    ),
    (
        3,
        decline("stolen_card", "card_declined", DECLINED, NEVER, Some("43")),
    ),
    (
        3,
        decline(
            "card_velocity_exceeded",
            "card_declined",
            DECLINED,
            AGAIN,
            Some("65"),
        ),
    ),
    (
        2,
        decline("pickup_card", "card_declined", DECLINED, NEVER, Some("04")),
    ),
    (
        2,
        decline(
            "try_again_later",
            "card_declined",
            DECLINED,
            AGAIN,
            Some("91"),
        ),
    ),
    (
        1,
        decline(
            "authentication_required",
            "authentication_required",
            "This payment requires authentication.",
            None,
            Some("1A"),
        ),
    ),
    (
        1,
        decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card.",
            AGAIN,
            None,
        ),
    ),
    (
        1,
        decline("fraudulent", "card_declined", DECLINED, None, None),
    ),
];

impl Decline {
    pub(super) fn any(dice: &mut Dice) -> Self {
        dice.weighted(&DECLINES)
    }

    /// The bank took a debit back.
    pub(super) const RETURNED: Self = decline(
        "insufficient_funds",
        "insufficient_funds",
        "The customer's account has insufficient funds to cover this payment.",
        None,
        None,
    );
}

impl Outcome {
    pub(super) fn authorized(dice: &mut Dice, is_card: bool) -> Self {
        let risk_level = if is_card {
            dice.weighted(&[(96, "normal"), (4, "elevated")])
        } else {
            "not_assessed"
        };
        let needs_review = risk_level == "elevated" && dice.chance(0.2);
        Self {
            advice_code: None,
            network_advice_code: None,
            network_decline_code: None,
            network_status: "approved_by_network",
            reason: needs_review.then_some("elevated_risk_level"),
            risk_level,
            risk_score: is_card.then(|| {
                if risk_level == "normal" {
                    dice.between(0..=64)
                } else {
                    dice.between(65..=74)
                }
            }),
            rule: None,
            seller_message: "Payment complete.".to_owned(),
            kind: if needs_review {
                "manual_review"
            } else {
                "authorized"
            },
        }
    }

    pub(super) fn declined(dice: &mut Dice, decline: &Decline) -> Self {
        Self {
            advice_code: decline.advice,
            network_advice_code: decline.advice.map(|advice| {
                if advice == "do_not_try_again" {
                    "03"
                } else {
                    "02"
                }
            }),
            network_decline_code: decline.network,
            network_status: "declined_by_network",
            reason: Some(decline.code),
            seller_message: format!("The bank returned the decline code `{}`.", decline.code),
            kind: "issuer_declined",
            ..Self::authorized(dice, true)
        }
    }

    pub(super) fn blocked(dice: &mut Dice) -> Self {
        let by_rule = dice.chance(0.3);
        Self {
            network_status: "not_sent_to_network",
            reason: Some(if by_rule {
                "rule"
            } else {
                "highest_risk_level"
            }),
            risk_level: if by_rule { "elevated" } else { "highest" },
            risk_score: Some(if by_rule { 70 } else { dice.between(75..=99) }),
            rule: by_rule.then_some("block_if_high_risk"),
            seller_message: "Stripe blocked this payment as too risky.".to_owned(),
            kind: "blocked",
            ..Self::authorized(dice, true)
        }
    }
}
