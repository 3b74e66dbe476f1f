//! The twenty rows of the guide, and keys that lack some of them.

use sandbox::{AccountSpec, Grants, Permission};
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{ask::only_error, database::stored};

/// The rows, as the issue lists them: name, access, required.
const GUIDE: [(&str, &str, bool); 20] = [
    ("Balance", "READ", false),
    ("Balance Transaction Sources", "READ", true),
    ("Balance Transfers", "READ", false),
    ("Charges and Refunds", "READ", true),
    ("Events", "READ", false),
    ("Files", "READ", false),
    ("Payment Disputes", "READ", false),
    ("Payment Intents", "READ", false),
    ("Payment Methods", "READ", false),
    ("Payouts", "READ", false),
    ("Products", "READ", false),
    ("Setup Intents", "READ", false),
    ("Sources", "READ", false),
    ("Tokens", "READ", false),
    ("Credit notes", "READ", false),
    ("Subscriptions", "READ", false),
    ("Terminal SKUs", "READ", false),
    ("Financial Reports", "READ", false),
    ("Webhook Endpoints", "WRITE", true),
    ("Event Destinations", "WRITE", false),
];

/// What Stripe gives no way to ask for.
const UNKNOWABLE: &str = "Terminal SKUs";

fn names<'a>(rows: &'a Value, of: impl Fn(&'a Value) -> Option<&'a Value>) -> Vec<&'a str> {
    rows.as_array()
        .unwrap()
        .iter()
        .filter_map(of)
        .map(|name| name.as_str().unwrap())
        .collect()
}

fn missing(payload: &Value) -> Vec<&str> {
    let error = only_error(payload);
    assert_eq!(error["__typename"], "MissingPermissionsError", "{error}");
    assert_eq!(error["path"], json!(["input", "apiKey"]));
    names(&error["missing"], |row| row.get("resource"))
}

fn refused(connection: &Value) -> Vec<&str> {
    names(&connection["permissions"], |row| {
        (row["granted"] == false).then(|| &row["permission"]["resource"])
    })
}

on_every_backend! {
    async fn the_guide_lists_twenty_rows_in_the_dashboards_order(world: &World) {
        let query = "{ stripePermissions { resource access required purpose } }";
        let data = world.data(query, json!({})).await;

        let rows = data["stripePermissions"].as_array().unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                let text = |field: &str| row[field].as_str().unwrap();
                (text("resource"), text("access"), row["required"].as_bool().unwrap())
            })
            .collect();
        assert_eq!(told, GUIDE);
        assert!(rows.iter().all(|row| row["purpose"].as_str().unwrap().len() > 20), "{rows:#?}");
    }

    async fn each_required_row_stands_in_the_way_alone(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(1));
        let before = stored(world).await;

        for ((row, _, required), permission) in GUIDE.into_iter().zip(Permission::GUIDE) {
            if !required {
                continue;
            }
            let key = world.stripe.create_key(&account, Grants::AllBut(vec![permission]));
            let payload = world.try_connect("Shop", &key).await;
            assert_eq!(missing(&payload), [row]);
            assert_eq!(payload["errors"][0]["missing"][0]["required"], true);
        }

        assert_eq!(stored(world).await, before);
        let key = world.stripe.create_key(&account, Grants::All);
        assert_eq!(world.try_connect("Shop", &key).await["errors"], json!([]));
    }

    async fn all_missing_rows_are_named_at_once_in_the_guides_order(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(1));
        let nothing = world.stripe.create_key(&account, Grants::Only(Vec::new()));
        let some = world.stripe.create_key(&account, Grants::AllBut(vec![
            Permission::WebhookWrite,
            Permission::PayoutRead,
            Permission::ChargeRead,
            Permission::BalanceRead,
            Permission::EventDestinationWrite,
            Permission::TokenRead,
        ]));
        let before = stored(world).await;

        let with_nothing = world.try_connect("Shop", &nothing).await;
        let with_some = world.try_connect("Shop", &some).await;

        let askable = GUIDE.map(|(row, ..)| row).into_iter().filter(|row| *row != UNKNOWABLE);
        assert_eq!(missing(&with_nothing), askable.collect::<Vec<_>>());
        assert_eq!(missing(&with_some), [
            "Balance",
            "Charges and Refunds",
            "Payouts",
            "Tokens",
            "Webhook Endpoints",
            "Event Destinations",
        ]);
        assert_eq!(stored(world).await, before);
    }

    async fn each_optional_row_may_be_missing(world: &World) {
        let optional = GUIDE.into_iter().zip(Permission::GUIDE);
        for ((row, _, required), permission) in optional {
            if required || row == UNKNOWABLE {
                continue;
            }
            let account = world.stripe.add_account(AccountSpec::with_payments(1));
            let key = world.stripe.create_key(&account, Grants::AllBut(vec![permission]));
            let payload = world.try_connect(row, &key).await;

            assert_eq!(payload["errors"], json!([]), "{row}");
            let connection = &payload["connection"];
            assert_eq!(refused(connection), [row]);
            assert_eq!(connection["status"], "ACTIVE");
            let message = connection["statusMessage"].as_str().unwrap();
            assert!(message.contains(&format!("does not grant {row}:")), "{message}");
        }
    }

    async fn the_import_goes_on_without_what_the_key_does_not_grant(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(150));
        let key = world.stripe.create_key(&account, Grants::Only(vec![
            Permission::BalanceTransactionSourceRead,
            Permission::ChargeRead,
            Permission::WebhookWrite,
        ]));

        let payload = world.try_connect("Shop", &key).await;
        let id = payload["connection"]["id"].as_str().unwrap();
        let import = world.imported(id).await;

        let askable = GUIDE.into_iter().filter(|(row, _, required)| !required && *row != UNKNOWABLE);
        let left_out: Vec<_> = askable.map(|(row, ..)| row).collect();
        assert_eq!(refused(&payload["connection"]), left_out);
        let message = payload["connection"]["statusMessage"].as_str().unwrap();
        assert!(left_out.iter().all(|row| message.contains(row)), "{message}");
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(import["progress"]["importedPayments"], "150");
        let resources: Vec<_> = import["progress"]["resources"].as_array().unwrap().iter().map(|row| {
            (row["resource"].as_str().unwrap(), row["status"].as_str().unwrap())
        }).collect();
        let (imported, canceled): (Vec<_>, Vec<_>) = resources.iter().partition(|(_, status)| *status == "SUCCEEDED");
        // Terminal SKUs cannot be asked for, and so cannot be refused.
        assert_eq!(imported.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [
            "CHARGES", "REFUNDS", "BALANCE_TRANSACTIONS", "TERMINAL_SKUS",
        ]);
        assert!(canceled.len() >= 14 && canceled.iter().all(|(_, status)| *status == "CANCELED"), "{canceled:?}");
        // Only the probes asked for what is not granted.
        let asked = |path: &str| world.asked().iter().filter(|it| it.path == path).count();
        assert_eq!((asked("/v1/disputes"), asked("/v1/payment_intents")), (1, 1));
    }

    async fn nothing_is_said_of_a_key_that_grants_everything(world: &World) {
        let (_, key) = world.account(AccountSpec::default());

        let connection = world.try_connect("Shop", &key).await["connection"].take();

        assert_eq!(refused(&connection), Vec::<&str>::new());
        assert_eq!((&connection["statusReason"], &connection["statusMessage"]), (&json!(null), &json!(null)));
        assert_eq!(names(&connection["permissions"], |row| Some(&row["permission"]["resource"])), GUIDE.map(|(row, ..)| row));
    }
}
