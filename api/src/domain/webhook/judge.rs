//! What a look at a webhook means, and what to do about it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{older, ours::Addresses, survey::Survey};
use crate::{
    storage::{WebhookEndpointRow, WebhookProblem},
    stripe::{WebhookEndpoint, event_types::SUBSCRIBED},
};

/// An endpoint that has worked for so long since it was switched on again is as good as new.
const FORGIVEN: TimeDelta = TimeDelta::days(7);

/// As many endpoints as fit into an account and mode (Stripe contract section 4.2).
const LIMIT: usize = 16;

/// What to do at Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Switch the endpoint on again.
    Enable,
    /// Let it send these types.
    SetEvents(Vec<String>),
    /// Make an endpoint.
    Make,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    /// The webhook as it was found, before anything is done.
    pub(super) row: WebhookEndpointRow,
    /// What to do.
    pub(super) steps: Vec<Step>,
}

/// Judges what stands at Stripe by what is stored.
pub(super) fn judge(
    live: &WebhookEndpointRow,
    survey: &Survey,
    url: &str,
    now: DateTime<Utc>,
) -> Judgement {
    let row = WebhookEndpointRow {
        conflicting: older::to_stored(&survey.older_endpoints()),
        checked_at: Some(now),
        updated_at: now,
        ..live.clone()
    };
    match &survey.own {
        Some(own) => judge_standing(row, own, url, now),
        None => judge_missing(row, survey, url),
    }
}

/// An endpoint that vanished is made again once, where nobody can have meant it to go: not where it was switched off
/// before, and never where the one that vanished had itself been made again, since then somebody is removing it. Until a
/// user rebuilds the webhook that stays so, which is less than once a week. One that could not be made before is
/// made when the reason is gone: it was wanted all along. Where the gateway's address has changed, what vanished is not
/// made again either: a copy of the database elsewhere is not to take an account's events.
fn judge_missing(mut row: WebhookEndpointRow, survey: &Survey, url: &str) -> Judgement {
    if row.stripe_id.take().is_some() {
        row.problem = Some(WebhookProblem::Deleted);
    }
    let reason_is_gone = match row.problem {
        None => true,
        Some(WebhookProblem::Limit) => survey.count < LIMIT,
        Some(WebhookProblem::Url) => row.url != url,
        Some(WebhookProblem::Deleted) => {
            row.remade_at.is_none() && !row.disabled && Addresses::same(&row.url, url)
        }
        Some(WebhookProblem::Refused | WebhookProblem::Moved) => false,
    };
    let steps = if reason_is_gone && survey.older.is_empty() {
        vec![Step::Make]
    } else {
        Vec::new()
    };
    Judgement { row, steps }
}

fn judge_standing(
    mut row: WebhookEndpointRow,
    own: &WebhookEndpoint,
    url: &str,
    now: DateTime<Utc>,
) -> Judgement {
    let mut steps = Vec::new();
    row.problem = None;
    if !Addresses::same(&own.url, url) {
        // Whoever pointed it elsewhere in the dashboard has a use for it; and where the gateway's own address is another
        // now, this may be a copy of the one that it belongs to.
        row.problem = Some(WebhookProblem::Moved);
        return Judgement { row, steps };
    }
    row.disabled = !own.is_enabled();
    if row.disabled {
        // Once: what is switched off again is switched off by somebody, or cannot be reached.
        if row.reenabled_at.is_none() {
            steps.push(Step::Enable);
        }
    } else if row.reenabled_at.is_some_and(|at| now - at > FORGIVEN) {
        row.reenabled_at = None;
    }
    let lacks = own.lacks(&SUBSCRIBED);
    if !lacks.is_empty() {
        let events = own.enabled_events.iter().chain(&lacks).cloned();
        steps.push(Step::SetEvents(events.collect()));
    }
    row.missing_events = json!(lacks);
    Judgement { row, steps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::WebhookEndpointState;

    const URL: &str = "https://pay.example.com/webhooks/stripe/x";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn live() -> WebhookEndpointRow {
        WebhookEndpointRow {
            id: uuid::Uuid::nil(),
            workspace_id: uuid::Uuid::nil(),
            connection_id: uuid::Uuid::nil(),
            state: WebhookEndpointState::Live,
            url: URL.to_owned(),
            stripe_id: Some("we_1".to_owned()),
            secret_sealed: None,
            idempotency_key: String::new(),
            api_version: None,
            problem: None,
            disabled: false,
            missing_events: json!([]),
            conflicting: json!([]),
            removed: json!([]),
            reenabled_at: None,
            remade_at: None,
            retiring_until: None,
            lease_owner: None,
            lease_until: None,
            last_event_at: None,
            checked_at: None,
            check_at: now(),
            created_at: now(),
            updated_at: now(),
        }
    }

    fn own() -> WebhookEndpoint {
        WebhookEndpoint {
            id: "we_1".to_owned(),
            url: URL.to_owned(),
            status: "enabled".to_owned(),
            enabled_events: SUBSCRIBED.iter().map(|kind| (*kind).to_owned()).collect(),
            api_version: None,
            application: None,
            created: 1_700_000_000,
            metadata: std::collections::BTreeMap::new(),
        }
    }

    fn with(own: WebhookEndpoint) -> Survey {
        Survey {
            count: 1,
            own: Some(own),
            ..Survey::default()
        }
    }

    fn steps(live: &WebhookEndpointRow, survey: &Survey) -> Vec<Step> {
        judge(live, survey, URL, now()).steps
    }

    #[test]
    fn what_stands_as_it_should_is_left_alone() {
        assert_eq!(steps(&live(), &with(own())), []);
        let all = WebhookEndpoint {
            enabled_events: vec!["*".to_owned()],
            ..own()
        };
        assert_eq!(steps(&live(), &with(all)), []);
    }

    #[test]
    fn what_is_switched_off_is_switched_on_once() {
        let off = with(WebhookEndpoint {
            status: "disabled".to_owned(),
            ..own()
        });
        assert_eq!(steps(&live(), &off), [Step::Enable]);
        let again = WebhookEndpointRow {
            reenabled_at: Some(now() - TimeDelta::days(2)),
            ..live()
        };
        let judged = judge(&again, &off, URL, now());
        assert_eq!((judged.steps, judged.row.disabled), (Vec::new(), true));
        let forgiven = WebhookEndpointRow {
            reenabled_at: Some(now() - TimeDelta::days(8)),
            ..live()
        };
        assert_eq!(
            judge(&forgiven, &with(own()), URL, now()).row.reenabled_at,
            None
        );
    }

    #[test]
    fn missing_types_are_added_to_what_is_sent() {
        let events = vec!["charge.failed".to_owned(), "customer.created".to_owned()];
        let survey = with(WebhookEndpoint {
            enabled_events: events.clone(),
            ..own()
        });
        let judged = judge(&live(), &survey, URL, now());
        let [Step::SetEvents(wanted)] = &judged.steps[..] else {
            panic!("{:?}", judged.steps);
        };
        assert_eq!(&wanted[..2], &events);
        assert_eq!(wanted.len(), SUBSCRIBED.len() + 1);
        assert_eq!(judged.row.missing_events, json!(&wanted[2..]));
    }

    #[test]
    fn what_vanished_is_made_again_once_and_only_where_nobody_meant_it() {
        let none = Survey::default();
        assert_eq!(steps(&live(), &none), [Step::Make]);
        let switched_off = WebhookEndpointRow {
            disabled: true,
            ..live()
        };
        let remade = WebhookEndpointRow {
            remade_at: Some(now() - TimeDelta::days(400)),
            ..live()
        };
        for row in [switched_off, remade] {
            let judged = judge(&row, &none, URL, now());
            assert_eq!(judged.steps, []);
            assert_eq!(judged.row.problem, Some(WebhookProblem::Deleted));
            // Nor at the next look.
            assert_eq!(steps(&judged.row, &none), []);
        }
    }

    #[test]
    fn what_could_not_be_made_is_made_when_it_can() {
        let never = |problem| WebhookEndpointRow {
            stripe_id: None,
            problem,
            ..live()
        };
        let of = |count| Survey {
            count,
            ..Survey::default()
        };
        assert_eq!(steps(&never(Some(WebhookProblem::Limit)), &of(16)), []);
        assert_eq!(
            steps(&never(Some(WebhookProblem::Limit)), &of(15)),
            [Step::Make]
        );
        assert_eq!(steps(&never(None), &of(3)), [Step::Make]);
        assert_eq!(steps(&never(Some(WebhookProblem::Url)), &of(3)), []);
        let elsewhere = WebhookEndpointRow {
            url: "http://127.0.0.1/x".to_owned(),
            ..never(Some(WebhookProblem::Url))
        };
        assert_eq!(steps(&elsewhere, &of(3)), [Step::Make]);
        let beside_older = Survey {
            older: vec![own()],
            ..of(3)
        };
        assert_eq!(steps(&never(None), &beside_older), []);
    }

    #[test]
    fn an_endpoint_at_another_address_is_reported_and_left_alone() {
        let moved = WebhookEndpointRow {
            url: "https://old.example.com/webhooks/stripe/x".to_owned(),
            ..live()
        };
        let at_old = with(WebhookEndpoint {
            url: moved.url.clone(),
            ..own()
        });
        for row in [&moved, &live()] {
            let judged = judge(row, &at_old, URL, now());
            assert_eq!(judged.steps, []);
            assert_eq!(judged.row.problem, Some(WebhookProblem::Moved));
        }
        let vanished = judge(&moved, &Survey::default(), URL, now());
        assert_eq!(vanished.steps, []);
        assert_eq!(vanished.row.problem, Some(WebhookProblem::Deleted));
    }
}
