//! Every resource of the guide: imported exactly, alone, without its permission, and while it is being deleted.

use std::{collections::BTreeSet, time::Duration};

use sandbox::{AccountSpec, Fault, Grants, Latency, Ledger, Permission, Resource, Rule};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{
    Tables, assert_exactly_the_ledger, import_when, imported_objects, number, shop, start_import,
};

const PROGRESS: &str = "
    query Progress($id: ID!) {
      connection(id: $id) {
        latestImport { progress { resources { resource status importedObjects percentComplete note } } }
      }
    }";

/// The progress of each resource of the latest import.
async fn progress(world: &World, connection: &str) -> Vec<Value> {
    let mut data = world.data(PROGRESS, json!({ "id": connection })).await;
    let resources = data["connection"]["latestImport"]["progress"]["resources"].take();
    resources.as_array().unwrap().clone()
}

fn of<'a>(resources: &'a [Value], name: &str) -> &'a Value {
    let found = resources.iter().find(|one| one["resource"] == name);
    found.unwrap_or_else(|| panic!("no progress of {name}: {resources:#?}"))
}

/// The ids that are kept of a kind.
async fn kept(tables: &Tables, kind: &str) -> BTreeSet<String> {
    let sql = format!("SELECT stripe_id FROM stripe_objects WHERE kind = '{kind}'");
    tables.texts(&sql).await.into_iter().collect()
}

/// What is left out without each permission: the row of the guide, and the resource.
const LEFT_OUT: [(Permission, &str, &str); 15] = [
    (Permission::BalanceRead, "Balance", "BALANCE"),
    (Permission::TransferRead, "Balance Transfers", "TRANSFERS"),
    (Permission::EventRead, "Events", "EVENTS"),
    (Permission::FileRead, "Files", "FILES"),
    (Permission::DisputeRead, "Payment Disputes", "DISPUTES"),
    (
        Permission::PaymentIntentRead,
        "Payment Intents",
        "PAYMENT_INTENTS",
    ),
    (
        Permission::PaymentMethodRead,
        "Payment Methods",
        "PAYMENT_METHODS",
    ),
    (Permission::PayoutRead, "Payouts", "PAYOUTS"),
    (Permission::ProductRead, "Products", "PRODUCTS"),
    (
        Permission::SetupIntentRead,
        "Setup Intents",
        "SETUP_INTENTS",
    ),
    (Permission::SourceRead, "Sources", "SOURCES"),
    (Permission::TokenRead, "Tokens", "TOKENS"),
    (Permission::CreditNoteRead, "Credit notes", "CREDIT_NOTES"),
    (
        Permission::SubscriptionRead,
        "Subscriptions",
        "SUBSCRIPTIONS",
    ),
    (
        Permission::ReportRead,
        "Financial Reports",
        "FINANCIAL_REPORTS",
    ),
];

fn assert_complete(resources: &[Value], ledger: &Ledger) {
    let expected = imported_objects(ledger);
    assert_eq!(resources.len(), expected.len(), "{resources:#?}");
    for (name, objects) in expected {
        let one = of(resources, name);
        assert_eq!(one["status"], "SUCCEEDED", "{one:#}");
        assert_eq!(one["percentComplete"], json!(100.0), "{one:#}");
        assert_eq!(
            number(&one["importedObjects"]),
            i64::try_from(objects).unwrap(),
            "{one:#}"
        );
    }
}

on_every_backend! {
    async fn every_resource_is_imported_exactly(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(2_500));

        let connection = world.connect("Shop", &key).await;
        let import = world.imported(&connection).await;

        let ledger = world.stripe.ledger(&account);
        let tables = Tables::open(&world.database_url()).await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(ledger.payment_method_ids.len() > 200 && ledger.product_ids.len() > 100, "one page shows too little");
        let resources = progress(world, &connection).await;
        assert_complete(&resources, &ledger);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
        for (kind, ids) in [
            ("payout", &ledger.payout_ids),
            ("transfer", &ledger.transfer_ids),
            ("product", &ledger.product_ids),
            ("setup_intent", &ledger.setup_intent_ids),
            ("credit_note", &ledger.credit_note_ids),
            ("subscription", &ledger.subscription_ids),
            ("payment_method", &ledger.payment_method_ids),
            ("file", &ledger.file_ids),
            ("source", &ledger.source_ids),
        ] {
            assert_eq!(&kept(&tables, kind).await, ids, "{kind}");
        }
        let note = |name: &str| of(&resources, name)["note"].as_str().unwrap_or_default().to_owned();
        assert!(note("TERMINAL_SKUS").contains("nothing to import"), "{}", note("TERMINAL_SKUS"));
        assert!(note("EVENTS").contains("not of history"), "{}", note("EVENTS"));
        assert_eq!(of(&resources, "PAYOUTS")["note"], json!(null));
    }

    async fn subscriptions_are_imported_with_the_canceled_ones(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(900)).await;

        start_import(world, &shop.connection, json!({ "resources": ["SUBSCRIPTIONS"] })).await;
        world.imported(&shop.connection).await;

        let tables = Tables::open(&world.database_url()).await;
        let ledger = world.stripe.ledger(&shop.account);
        assert_eq!(kept(&tables, "subscription").await, ledger.subscription_ids);
        let bodies = tables.texts("SELECT CAST(body AS text) FROM stripe_objects WHERE kind = 'subscription'").await;
        let read = |body: &String| serde_json::from_str::<Value>(body).unwrap();
        let canceled = bodies.iter().map(read).filter(|body| body["status"] == "canceled");
        assert!(canceled.count() > 3, "the sample shows too little");
    }

    async fn a_list_that_is_refused_for_good_is_left_out_where_the_import_can_do_without(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(100));
        world.stripe.faults().inject(Rule::every(1, Fault::EmptyForbidden).on("/v1/credit_notes"));

        let connection = world.connect("Shop", &key).await;
        let import = world.imported(&connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        let resources = progress(world, &connection).await;
        let credit_notes = of(&resources, "CREDIT_NOTES");
        let note = credit_notes["note"].as_str().unwrap_or_default();
        assert_eq!(credit_notes["status"], "CANCELED", "{credit_notes:#}");
        assert!(note.starts_with("Stripe refused this list"), "{note}");
        assert_eq!(import["progress"]["importedPayments"], "100");
    }

    async fn one_resource_is_imported_again_and_no_other_is_asked_for(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(300));
        let connection = world.connect("Shop", &key).await;
        world.imported_with_payouts(&connection).await;
        let ledger = world.stripe.ledger(&account);
        let expected = imported_objects(&ledger);
        let paths = [
            ("PAYOUTS", "/v1/payouts"),
            ("BALANCE_TRANSACTIONS", "/v1/balance_transactions"),
            ("PAYMENT_METHODS", "/v1/payment_methods"),
            ("BALANCE", "/v1/balance"),
            ("FILES", "/v1/files"),
            ("TERMINAL_SKUS", ""),
            ("EVENTS", "/v1/events"),
        ];
        for (resource, path) in paths {
            world.stripe.clear_requests();
            start_import(world, &connection, json!({ "resources": [resource] })).await;
            let import = world.imported_with_payouts(&connection).await;

            assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
            let resources = progress(world, &connection).await;
            assert_eq!(resources.len(), 1, "{resources:#?}");
            let objects = i64::try_from(expected[resource]).unwrap();
            assert_eq!(number(&of(&resources, resource)["importedObjects"]), objects, "{resource}");
            // The gateway looks for events by itself.
            let asked = world.stripe.requests();
            let others = asked.iter().filter(|request| request.path != path && request.path != "/v1/events");
            let others: Vec<_> = others.map(|request| &request.path).collect();
            assert!(others.is_empty(), "{resource} asked for {others:?}");
        }
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }

    async fn asking_for_events_looks_for_them_at_once(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let listed = || world.stripe.requests().iter().filter(|request| request.path == "/v1/events").count();
        tokio::time::timeout(Duration::from_secs(30), async {
            while listed() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }).await.unwrap();
        world.stripe.clear_requests();

        start_import(world, &connection, json!({ "resources": ["EVENTS"] })).await;

        tokio::time::timeout(Duration::from_secs(30), async {
            while listed() == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }).await.expect("nobody looked for events");
    }

    async fn a_span_cuts_what_no_filter_can_cut(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(900)).await;
        let ids = world.stripe.ledger(&shop.account).payment_method_ids;
        let created = |id: &String| {
            world.stripe.object(&shop.account, Resource::PaymentMethod, id).unwrap()["created"].as_i64().unwrap()
        };
        let mut times: Vec<_> = ids.iter().map(|id| (created(id), id.clone())).collect();
        times.sort_unstable();
        let (from, to) = (times[times.len() / 2].0, times[times.len() * 3 / 4].0);
        let at = |second: i64| chrono::DateTime::from_timestamp(second, 0).unwrap().to_rfc3339();
        let span = json!({ "createdAt": { "gte": at(from), "lt": at(to) }, "resources": ["PAYMENT_METHODS"] });

        start_import(world, &shop.connection, span).await;
        let import = world.imported(&shop.connection).await;

        let within = times.iter().filter(|(second, _)| (from..to).contains(second));
        let within: BTreeSet<_> = within.map(|(_, id)| id.clone()).collect();
        let tables = Tables::open(&world.database_url()).await;
        assert!(within.len() > 20, "the sample shows too little");
        assert_eq!(kept(&tables, "payment_method").await, within);
        assert_eq!(number(&import["progress"]["importedObjects"]), i64::try_from(within.len()).unwrap());
        let pages = world.stripe.requests().iter().filter(|request| request.path == "/v1/payment_methods").count();
        assert!(pages < ids.len().div_ceil(100), "what is older than the span was listed too");
    }

    async fn each_missing_permission_leaves_out_its_own_and_says_so(world: &World) {
        for (permission, row, left_out) in LEFT_OUT {
            let account = world.stripe.add_account(AccountSpec::with_payments(40));
            let key = world.stripe.create_key(&account, Grants::AllBut(vec![permission]));
            let connection = world.connect(row, &key).await;
            let import = world.imported(&connection).await;

            assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
            for one in progress(world, &connection).await {
                let is_left_out = one["resource"] == left_out;
                let status = if is_left_out { "CANCELED" } else { "SUCCEEDED" };
                assert_eq!(one["status"], status, "without {row}: {one:#}");
                let note = one["note"].as_str().unwrap_or_default();
                assert_eq!(note.contains(&format!("do not grant {row}:")), is_left_out, "without {row}: {one:#}");
            }
        }
    }

    async fn products_that_are_deleted_under_the_cursor_hide_no_others(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        for number in 0..350 {
            let (id, created) = (format!("prod_{number:03}"), 1_750_000_000 + number);
            let product = json!({ "id": id, "object": "product", "created": created, "livemode": false, "name": "Tea" });
            world.stripe.insert_raw(&shop.account, Resource::Product, &id, created, product.to_string());
        }
        let products = world.stripe.ledger(&shop.account).product_ids;
        world.stripe.faults().latency_on("/v1/products", Latency::fixed(Duration::from_millis(600)));
        start_import(world, &shop.connection, json!({ "resources": ["PRODUCTS"] })).await;
        import_when(world, &shop.connection, |import| number(&import["progress"]["importedObjects"]) > 0).await;

        // Whichever the next page starts after, it is gone now.
        let tables = Tables::open(&world.database_url()).await;
        let seen = kept(&tables, "product").await;
        for id in &seen {
            world.stripe.remove(&shop.account, Resource::Product, id);
        }
        let import = world.imported(&shop.connection).await;

        let refused = |request: &&sandbox::RequestRecord| request.path == "/v1/products" && request.status == 400;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(world.stripe.requests().iter().filter(refused).count() > 0, "no cursor was lost: the test shows nothing");
        assert!(seen.len() < products.len(), "the import is too quick for this test");
        assert_eq!(kept(&tables, "product").await, products);
        assert_eq!(number(&import["progress"]["importedObjects"]), 350, "each counts once");
    }

    async fn a_payment_method_that_is_gone_under_the_cursor_lets_the_list_begin_again(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
        let methods = world.stripe.ledger(&shop.account).payment_method_ids;
        world.stripe.faults().latency_on("/v1/payment_methods", Latency::fixed(Duration::from_millis(600)));
        start_import(world, &shop.connection, json!({ "resources": ["PAYMENT_METHODS"] })).await;
        import_when(world, &shop.connection, |import| number(&import["progress"]["importedObjects"]) > 0).await;

        let tables = Tables::open(&world.database_url()).await;
        let seen = kept(&tables, "payment_method").await;
        let created = |id: &String| world.stripe.object(&shop.account, Resource::PaymentMethod, id).unwrap()["created"].as_i64();
        let last = seen.iter().min_by_key(|id| created(id)).unwrap();
        world.stripe.remove(&shop.account, Resource::PaymentMethod, last);
        let import = world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(seen.len() < methods.len(), "the import is too quick for this test");
        assert_eq!(kept(&tables, "payment_method").await, methods);
        let objects = number(&import["progress"]["importedObjects"]);
        assert_eq!(objects, i64::try_from(methods.len()).unwrap(), "each counts once");
    }
}
