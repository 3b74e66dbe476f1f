//! The rounds of one backend.

use std::{net::SocketAddr, time::Duration};

use api::app::Role;
use serde_json::Value;
use tests::{Backend, World, WorldOptions};

use crate::{
    Arguments, bare,
    case::Case,
    load::{self, Took},
    shop::{Shop, settle},
};

/// Rounds of each case: the gateway and the bare handler take turns, so that both see the same machine.
const ROUNDS: u32 = 3;

pub(crate) async fn run(name: &str, backend: Backend, arguments: &Arguments) {
    let unbounded = || 1_000_000_000.to_string();
    let options = WorldOptions {
        role: Some(Role::Api),
        variables: vec![
            ("INLET_LIMITS__COST_ALLOWANCE", unbounded()),
            ("INLET_LIMITS__COST_RESTORE_PER_SECOND", unbounded()),
            (
                "INLET_DATABASE__MAX_CONNECTIONS",
                bare::CONNECTIONS.to_string(),
            ),
        ],
        ..WorldOptions::default()
    };
    let world = World::start(backend, options).await;
    let payments = arguments.payments;
    println!("{name}, {payments} payments");
    let shop = Shop::connect(&world).await;
    shop.fill(&world, payments).await;
    settle(&world).await;

    let addresses = (world.server.address, bare::serve(&world, shop).await);
    let mut cases = Case::all(&world, shop, payments).await;
    cases.retain(|case| case.name.contains(&arguments.case));
    let time = Duration::from_secs(arguments.seconds) / ROUNDS;
    for case in &cases {
        assert_same(addresses, case).await;
        for connections in &arguments.connections {
            let (gateway, bare) = measure(addresses, case, *connections, time).await;
            println!(
                "  {}, {connections} at once: {:.0} % of the bare handler's rate\n    {}\n    bare {}",
                case.name,
                100.0 * gateway.rate() / bare.rate(),
                told(&gateway),
                told(&bare)
            );
        }
    }
    world.end().await;
}

async fn measure(
    (gateway, bare): (SocketAddr, SocketAddr),
    case: &Case,
    connections: usize,
    time: Duration,
) -> (Took, Took) {
    let (mut ours, mut theirs) = (Took::default(), Took::default());
    for _ in 0..ROUNDS {
        ours.add(load::send(gateway, case.gateway.clone(), connections, time).await);
        theirs.add(load::send(bare, case.bare.clone(), connections, time).await);
    }
    (ours, theirs)
}

/// Both must tell the same.
async fn assert_same((gateway, bare): (SocketAddr, SocketAddr), case: &Case) {
    let read = |body: Vec<u8>| serde_json::from_slice::<Value>(&body).expect("JSON")["data"].take();
    for (ours, theirs) in case.gateway.iter().zip(&case.bare).take(10) {
        let ours = read(load::body(gateway, ours).await);
        let theirs = read(load::body(bare, theirs).await);
        assert_eq!(ours, theirs, "{}", case.name);
    }
}

fn told(took: &Took) -> String {
    let (rate, (own, others)) = (took.rate(), took.cpu());
    let (p50, p99) = (took.quantile(50), took.quantile(99));
    format!(
        "{rate:.0} requests/s, p50 {p50:.2} ms, p99 {p99:.2} ms, {own:.0} µs of processor time each, \
         {others:.0} of all other processes"
    )
}
