//! Whatever is written in whatever order, and whatever of it was summed up before: every sum is what the payments come to.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tests::{World, on_every_backend};

use super::{
    ground::{Ground, at},
    oracle,
    random_asking::{self, Question},
    random_payments,
};

const ROUNDS: usize = 14;
const QUESTIONS: usize = 10;

const ASK: &str = "
    query Stats(
      $filter: PaymentFilter, $interval: TimeInterval, $groupBy: [PaymentDimension!], $zone: String, $once: Boolean!
    ) {
      paymentStats(
        filter: $filter, interval: $interval, groupBy: $groupBy, timeZone: $zone, countRetriesOnce: $once
      ) {
        interval { start end }
        currency
        dimensions { dimension value }
        attempts succeeded failed approvalRate
        grossVolume { ...M } refundedVolume { ...M }
        refunds disputes
        disputedVolume { ...M }
        fees { ...M }
      }
    }
    fragment M on Money { amount minorUnits currency }";

async fn ask(world: &World, question: &Question) -> Value {
    world.data(ASK, question.variables.clone()).await["paymentStats"].take()
}

/// Writes to either connection, sums up, deletes.
async fn change(ground: &Ground<'_>, dice: &mut StdRng) {
    for _ in 0..dice.random_range(1..4) {
        let one = dice.random_range(0..2);
        let rows = random_payments::rows(dice, ground.workspace, ground.connections[one]);
        ground.write(one, rows).await;
    }
    match dice.random_range(0..6) {
        0 => ground.roll_all_up().await,
        1..4 => ground.roll_up(dice.random_range(0..2)).await,
        4 => {
            let store = ground.world.server.app.gateway.store();
            let (of, until) = (ground.connections[0], at(1_764_000_000 + 300));
            store
                .purge_some(ground.workspace, of, until, 4)
                .await
                .unwrap();
        }
        _ => {}
    }
}

on_every_backend! {
    async fn every_sum_is_what_the_payments_come_to(world: &World) {
        let ground = Ground::lay(world).await;
        let mut dice = StdRng::seed_from_u64(11);
        let nodes: Vec<_> = ground.connections.iter().map(|id| format!("con_{}", id.0.simple())).collect();
        let (mut told, mut empty) = (0, 0);

        for round in 0..ROUNDS {
            change(&ground, &mut dice).await;
            let stored = ground.stored().await;
            for _ in 0..QUESTIONS {
                let question = random_asking::question(&mut dice, &nodes);
                let answer = ask(world, &question).await;
                let right = oracle::answer(&stored, &question);

                assert_eq!(answer, right, "round {round}: {:#}", question.variables);
                told += answer.as_array().unwrap().len();
                empty += usize::from(answer == serde_json::json!([]));
            }
        }

        assert!(told > 500 && empty < ROUNDS * QUESTIONS / 2, "{told} rows, {empty} answers without any");
    }
}
