//! Names that count as the same.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{connection, only_error, reconnect, rename},
    database::stored,
};

async fn two(world: &World) -> (String, String) {
    let (_, one) = world.account(AccountSpec::default());
    let (_, other) = world.account(AccountSpec::default());
    let ids = (
        world.connect("One", &one).await,
        world.connect("Other", &other).await,
    );
    world.imported(&ids.0).await;
    world.imported(&ids.1).await;
    ids
}

fn taken(payload: &Value, pair: (&str, &str)) {
    let error = only_error(payload);
    assert_eq!(
        error["__typename"], "InvalidInputError",
        "{pair:?}: {error}"
    );
    assert_eq!(error["path"], json!(["input", "name"]), "{pair:?}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("already has this name"),
        "{pair:?}: {error}"
    );
}

/// The second name of each pair is taken once the first is in use.
async fn all_taken(world: &World, pairs: &[(&str, &str)]) {
    let (one, other) = two(world).await;
    let (_, third) = world.account(AccountSpec::default());
    let before = stored(world).await;
    world.stripe.clear_requests();
    for pair in pairs {
        let first = rename(world, &one, pair.0).await;
        assert_eq!(first["errors"], json!([]), "{pair:?}");

        taken(&rename(world, &other, pair.1).await, *pair);
        taken(&world.try_connect(pair.1, &third).await, *pair);
        taken(
            &world.try_connect(&format!("  {} ", pair.1), &third).await,
            *pair,
        );
    }
    assert!(world.asked().is_empty(), "Stripe was asked for nothing");
    assert_eq!(connection(world, &other).await["name"], "Other");
    // Each renaming of the first is in the audit log, and nothing else happened.
    let renamed = i64::try_from(pairs.len()).unwrap();
    let expected: Vec<_> = before
        .into_iter()
        .map(|(table, rows)| {
            (
                table,
                if table == "audit_log" {
                    rows + renamed
                } else {
                    rows
                },
            )
        })
        .collect();
    assert_eq!(stored(world).await, expected);
}

on_every_backend! {
    async fn case_makes_no_difference_in_any_script(world: &World) {
        all_taken(world, &[
            ("Shop", "sHOP"),
            ("Läden", "LÄDEN"),
            ("ŁÓDŹ", "łódź"),
            ("магазин", "МАГАЗИН"),
            ("Ωmega", "ωMEGA"),
            ("խանութ", "ԽԱՆՈՒԹ"),
            ("Ǆ", "ǆ"),
            ("𐐀", "𐐨"),
        ]).await;
    }

    async fn letters_with_more_than_two_cases_make_no_difference(world: &World) {
        all_taken(world, &[
            ("ΟΔΟΣ", "Οδος"),
            ("Οδος", "ΟΔΟΣ"),
            ("Straße", "STRASSE"),
            ("ﬁsh", "FISH"),
            ("ſhop", "SHOP"),
        ]).await;
    }

    async fn forms_of_a_letter_make_no_difference(world: &World) {
        all_taken(world, &[
            ("Cafe\u{301}", "CAFÉ"),
            ("Ｓｈｏｐ", "shop"),
            ("ｼｮｯﾌﾟ", "ショップ"),
            ("Shop №1", "shop no1"),
        ]).await;
    }

    async fn names_that_differ_may_stand_side_by_side(world: &World) {
        let (one, other) = two(world).await;

        for (first, second) in [("Shop", "Shop 2"), ("Cafe", "Café"), ("a b", "ab"), ("店", "店舗"), ("_", "%")] {
            assert_eq!(rename(world, &one, first).await["errors"], json!([]));
            assert_eq!(rename(world, &other, second).await["errors"], json!([]), "{first} {second}");
        }
    }

    async fn a_connections_own_name_in_another_case_is_free(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Läden", &key).await;

        let renamed = rename(world, &id, "LÄDEN").await;
        let reconnected = reconnect(world, &id, "läden", &key).await;

        assert_eq!(renamed["errors"], json!([]));
        assert_eq!(renamed["connection"], json!({ "id": id, "name": "LÄDEN" }));
        assert_eq!(reconnected["errors"], json!([]));
        assert_eq!(reconnected["connection"]["name"], "läden");
    }

    async fn reconnecting_cannot_take_the_name_of_another(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let (_, another) = world.account(AccountSpec::default());
        world.connect("Shop", &key).await;
        let id = world.connect("Another", &another).await;

        let payload = reconnect(world, &id, "SHOP", &another).await;

        taken(&payload, ("Shop", "SHOP"));
        assert_eq!(connection(world, &id).await["name"], "Another");
    }
}
