//! Every field of the filter, alone and with others, against what Stripe's own objects say.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    filter_oracle::{Part, metadata, parts},
    shop::{Shop, found},
};

async fn assert_finds(
    shops: &[Shop<'_>],
    charges: &BTreeMap<String, Value>,
    parts: &[&Part],
) -> usize {
    let filter: serde_json::Map<_, _> = parts
        .iter()
        .map(|part| (part.field.to_owned(), part.value.clone()))
        .collect();
    let filter = Value::Object(filter);

    let (met, count) = found(shops[0].world, &filter).await;

    let wanted: BTreeSet<String> = charges
        .iter()
        .filter(|(_, charge)| parts.iter().all(|part| (part.holds)(charge)))
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(met, wanted, "{filter}");
    assert_eq!(count, wanted.len(), "{filter}");
    count
}

on_every_backend! {
    async fn every_filter_finds_what_stripe_s_objects_say(world: &World) {
        let shops = [
            Shop::open(world, "Test", AccountSpec::with_payments(500)).await,
            Shop::open(world, "Live", AccountSpec::with_payments(200).seed(2).live().with_card_details()).await,
        ];
        let charges: BTreeMap<_, _> = shops.iter().flat_map(super::super::shop::Shop::charges).collect();
        assert_eq!(charges.len(), 700, "the ids of both accounts differ");
        let parts = parts(&charges);

        let mut told: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for part in &parts {
            let count = assert_finds(&shops, &charges, &[part]).await;
            let (some, not_all) = told.entry(part.field).or_default();
            *some |= count > 0;
            *not_all |= count < charges.len();
        }
        for (field, seen) in told {
            assert_eq!(seen, (true, true), "{field} is not put to the test");
        }

        let mut dice = StdRng::seed_from_u64(7);
        let mut hits = 0;
        for _ in 0..80 {
            // Parts that one charge fulfils find at least that one; at times another is added.
            let charge = charges.values().nth(dice.random_range(0..charges.len())).unwrap();
            let fitting: Vec<_> = parts.iter().filter(|part| (part.holds)(charge)).collect();
            let mut chosen: BTreeMap<&str, &Part> = BTreeMap::new();
            for _ in 0..dice.random_range(2..5) {
                let part = fitting.choose(&mut dice).unwrap();
                chosen.insert(part.field, part);
            }
            if dice.random_bool(0.3) {
                let part = parts.choose(&mut dice).unwrap();
                chosen.insert(part.field, part);
            }
            let chosen: Vec<_> = chosen.into_values().collect();
            hits += usize::from(assert_finds(&shops, &charges, &chosen).await > 0);
        }
        assert!(hits > 40, "the combinations hardly find anything");
    }

    async fn connections_and_metadata_combine(world: &World) {
        let shops = [
            Shop::open(world, "One", AccountSpec::with_payments(80)).await,
            Shop::open(world, "Two", AccountSpec::with_payments(80).seed(2)).await,
        ];
        let of = |index: usize| shops[index].charges();
        let ids = |charges: BTreeMap<String, Value>| charges.into_keys().collect::<BTreeSet<_>>();
        let twins: Vec<_> = of(0).into_values().filter(|charge| metadata(charge).len() > 1 && !charge["metadata"].to_string().contains("4242")).collect();
        let pairs = metadata(&twins[0]);
        let pair = |(key, value): &(String, String)| json!({ "key": key, "value": value });

        let one = found(world, &json!({ "connectionIds": [shops[0].connection] })).await;
        let both = found(world, &json!({ "connectionIds": [shops[1].connection, shops[0].connection] })).await;
        let none = found(world, &json!({ "connectionIds": [] })).await;
        let unknown = found(world, &json!({ "connectionIds": ["con_00000000000000000000000000000000", "x"] })).await;
        let crossed = found(world, &json!({ "connectionIds": [shops[1].connection], "stripeIds": [twins[0]["id"]] })).await;
        let exact = found(world, &json!({ "connectionIds": [shops[0].connection], "stripeIds": [twins[0]["id"]] })).await;
        let pairs_met = found(world, &json!({ "metadata": [pair(&pairs[0]), pair(&pairs[1])] })).await;
        let torn = found(world, &json!({ "metadata": [pair(&pairs[0]), { "key": pairs[1].0, "value": pairs[0].1 }] })).await;

        assert_eq!(one.0, ids(of(0)));
        assert_eq!(both.1, 160);
        assert_eq!((none.1, unknown.1, crossed.1, torn.1), (0, 0, 0, 0));
        assert_eq!(exact.0, BTreeSet::from([twins[0]["id"].as_str().unwrap().to_owned()]));
        let all = of(0).into_iter().chain(of(1));
        let holding = all.filter(|(_, charge)| pairs[..2].iter().all(|(key, value)| charge["metadata"][key] == **value));
        assert_eq!(pairs_met.0, holding.map(|(id, _)| id).collect());
    }
}
