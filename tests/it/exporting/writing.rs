//! Whoever writes may go at any moment: another goes on behind the last part, and whoever lost an export writes nothing.

use std::collections::BTreeSet;

use api::{
    app::Role,
    domain::{Gateway, export::WriteExportError},
    ids::WorkspaceId,
    storage::{Claim, ExportRow, ExportState, PageRows, StorageError, TaskKind},
};
use chrono::TimeDelta;
use sandbox::AccountSpec;
use serde_json::json;
use tests::{World, WorldOptions, ids, on_every_backend, payment_row};

use super::support::{cancel, export, file, ordered};
use crate::stats::{at, connection_id};

const PAYMENTS: i64 = 2_500;

/// Nobody writes what is asked for, unless a test does.
fn without_a_worker() -> WorldOptions {
    WorldOptions {
        role: Some(Role::Api),
        ..WorldOptions::default()
    }
}

/// Payments of a connection that nobody imports.
async fn fill(world: &World) {
    let (_, key) = world.account(AccountSpec::default());
    let connection = connection_id(&world.connect("Shop", &key).await);
    let store = world.server.app.gateway.store();
    let workspace = store.find_workspace_by_name("default").await.unwrap();
    let workspace = WorkspaceId(workspace.unwrap().id);
    let claim = claim(&world.server.app.gateway, 3_600);
    let task = store
        .claim_task(workspace, connection, TaskKind::Payouts, claim)
        .await
        .unwrap()
        .unwrap();
    // Many of one second: what comes next is told by the ids.
    let payments = (0..PAYMENTS).map(|number| {
        let created = at(1_760_000_000 + number / 700);
        payment_row(workspace, connection, &format!("ch_{number}"), created)
    });
    let payments: Vec<_> = payments.collect();
    for some in payments.chunks(500) {
        let rows = PageRows {
            payments: some.to_vec(),
            ..PageRows::default()
        };
        store.write_rows(&task, rows).await.unwrap();
    }
}

fn claim(gateway: &Gateway, seconds: i64) -> Claim {
    let now = gateway.clock().now();
    Claim {
        owner: ids().next(),
        now,
        until: now + TimeDelta::seconds(seconds),
    }
}

async fn claimed(world: &World) -> Option<ExportRow> {
    let gateway = &world.server.app.gateway;
    let claimed = gateway.store().claim_export(claim(gateway, 15)).await;
    claimed.unwrap()
}

fn lost<T: std::fmt::Debug>(written: &Result<T, WriteExportError>) {
    let lost = matches!(
        written,
        Err(WriteExportError::Storage(StorageError::LeaseLost))
    );
    assert!(lost, "{written:?}");
}

on_every_backend! {
    #[options(without_a_worker())]
    async fn another_goes_on_where_one_was_killed(world: &World) {
        fill(world).await;
        let gateway = &world.server.app.gateway;
        let id = ordered(world, json!({ "format": "JSONL" })).await;

        let first = claimed(world).await.unwrap();
        let part = gateway.write_export(&first).await.unwrap();
        assert!(claimed(world).await.is_none(), "two hold one export");
        world.clock.advance(TimeDelta::seconds(20));
        let mut second = claimed(world).await.unwrap();
        lost(&gateway.write_export(&part).await);
        lost(&gateway.store().renew_export(&part, gateway.clock().now()).await.map_err(Into::into));
        let running = export(world, &id).await;
        while second.state == ExportState::Running {
            second = gateway.write_export(&second).await.unwrap();
        }

        assert_eq!((part.written_rows, part.chunks), (1_000, 1));
        assert_eq!((&running["status"], &running["rows"], &running["expectedRows"]), (&json!("RUNNING"), &json!("1000"), &json!("2500")));
        assert_eq!((second.written_rows, second.chunks, second.fence), (PAYMENTS, 3, 2));
        let ready = export(world, &id).await;
        assert_eq!(ready["status"], "READY");
        let lines = file(world, &ready).await.lines();
        let ids: BTreeSet<_> = lines.iter().map(|line| line["stripeId"].as_str().unwrap()).collect();
        assert_eq!((lines.len(), ids.len()), (2_500, 2_500));
        assert!(claimed(world).await.is_none());
    }

    #[options(without_a_worker())]
    async fn nothing_more_is_written_of_what_was_called_off(world: &World) {
        fill(world).await;
        let gateway = &world.server.app.gateway;
        let id = ordered(world, json!({ "format": "CSV" })).await;
        let running = gateway.write_export(&claimed(world).await.unwrap()).await.unwrap();

        let canceled = cancel(world, &id).await;

        assert_eq!((&canceled["export"]["status"], &canceled["export"]["rows"]), (&json!("CANCELED"), &json!("1000")));
        lost(&gateway.write_export(&running).await);
        assert!(claimed(world).await.is_none());
        assert_eq!(export(world, &id).await, canceled["export"]);
    }

    #[options(without_a_worker())]
    async fn an_export_that_was_given_back_is_gone_on_with(world: &World) {
        fill(world).await;
        let gateway = &world.server.app.gateway;
        ordered(world, json!({ "format": "CSV" })).await;
        let running = gateway.write_export(&claimed(world).await.unwrap()).await.unwrap();
        let later = gateway.clock().now() + TimeDelta::seconds(5);

        gateway.store().release_export(&running, later, 1).await.unwrap();
        let early = claimed(world).await;
        world.clock.advance(TimeDelta::seconds(6));
        let again = claimed(world).await.unwrap();

        assert!(early.is_none());
        assert_eq!((again.written_rows, again.attempts, again.started_at), (1_000, 1, running.started_at));
    }

    #[options(without_a_worker())]
    async fn what_is_given_up_says_why(world: &World) {
        let gateway = &world.server.app.gateway;
        let id = ordered(world, json!({ "format": "CSV" })).await;
        let running = claimed(world).await.unwrap();

        gateway.store().fail_export(&running, "It was too much.", gateway.clock().now()).await.unwrap();

        let failed = export(world, &id).await;
        assert_eq!((&failed["status"], &failed["failure"]), (&json!("FAILED"), &json!("It was too much.")));
        assert!(failed["finishedAt"].is_string() && failed["downloadUrl"].is_null());
        assert!(claimed(world).await.is_none());
    }
}
