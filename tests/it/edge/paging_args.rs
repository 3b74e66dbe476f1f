//! What makes a page, and what does not.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::{code, message},
    shop::{Shop, ask_page, ids, nodes, page},
};

fn flags(page: &Value) -> (bool, bool) {
    let flag = |name: &str| page["pageInfo"][name].as_bool().unwrap();
    (flag("hasPreviousPage"), flag("hasNextPage"))
}

on_every_backend! {
    async fn pages_tell_where_they_lie(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(60)).await;

        let all = page(world, json!({ "first": 100 })).await;
        let first = page(world, json!({ "first": 10 })).await;
        let end = &first["pageInfo"]["endCursor"];
        let second = page(world, json!({ "first": 10, "after": end })).await;
        let start = &second["pageInfo"]["startCursor"];
        let back = page(world, json!({ "last": 10, "before": start })).await;
        let last = page(world, json!({ "last": 10 })).await;
        let rest = page(world, json!({ "first": 100, "after": end })).await;
        let beyond = page(world, json!({ "first": 5, "after": last["pageInfo"]["endCursor"] })).await;
        let ahead = page(world, json!({ "last": 5, "before": first["pageInfo"]["startCursor"] })).await;

        let all_ids = ids(&all);
        assert_eq!((all_ids.len(), flags(&all)), (60, (false, false)));
        assert_eq!((ids(&first), flags(&first)), (all_ids[..10].to_vec(), (false, true)));
        assert_eq!((ids(&second), flags(&second)), (all_ids[10..20].to_vec(), (true, true)));
        assert_eq!(ids(&back), ids(&first));
        assert_eq!((ids(&last), flags(&last)), (all_ids[50..].to_vec(), (true, false)));
        assert_eq!((ids(&rest), flags(&rest)), (all_ids[10..].to_vec(), (true, false)));
        for empty in [&beyond, &ahead] {
            assert_eq!(nodes(empty).len(), 0);
            assert_eq!(empty["pageInfo"]["startCursor"], Value::Null);
            assert_eq!(empty["pageInfo"]["endCursor"], Value::Null);
        }
        assert_eq!((flags(&beyond), flags(&ahead)), ((true, false), (false, true)));
        for page in [&all, &first, &second, &back, &last, &rest, &beyond, &ahead] {
            assert_eq!(page["totalCount"], "60");
        }
    }

    async fn edges_are_the_nodes_with_their_cursors(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;

        let first = page(world, json!({ "first": 10 })).await;
        let edges = first["edges"].as_array().unwrap();
        let behind_third = page(world, json!({ "first": 2, "after": edges[2]["cursor"] })).await;

        let of_edges: Vec<_> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
        let of_nodes: Vec<_> = first["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
        assert_eq!(of_edges, of_nodes);
        assert_eq!(edges[0]["cursor"], first["pageInfo"]["startCursor"]);
        assert_eq!(edges[9]["cursor"], first["pageInfo"]["endCursor"]);
        assert_eq!(behind_third["nodes"][0]["id"], *of_nodes[3]);
    }

    async fn a_page_has_25_payments_unless_told_otherwise(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(60)).await;

        let usual = page(world, json!({})).await;
        let start = page(world, json!({ "last": 1 })).await["pageInfo"]["startCursor"].take();
        let usual_back = page(world, json!({ "before": start })).await;
        let most = page(world, json!({ "first": 100 })).await;

        assert_eq!(nodes(&usual).len(), 25);
        assert_eq!(nodes(&usual_back).len(), 25);
        assert_eq!(ids(&usual_back), ids(&most)[34..59]);
    }

    async fn arguments_that_make_no_page_are_refused(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let cursor = page(world, json!({ "first": 3 })).await["pageInfo"]["endCursor"].take();

        for (wrong, named) in [
            (json!({ "first": 0 }), "`first`"),
            (json!({ "first": -1 }), "`first`"),
            (json!({ "first": 101 }), "`first`"),
            (json!({ "first": i32::MIN }), "`first`"),
            (json!({ "last": 0 }), "`last`"),
            (json!({ "last": -1 }), "`last`"),
            (json!({ "last": 101 }), "`last`"),
            (json!({ "first": 5, "last": 5 }), "`first` or `last`"),
            (json!({ "after": cursor, "before": cursor }), "`after` or `before`"),
            (json!({ "first": 5, "after": cursor, "before": cursor }), "`after` or `before`"),
            (json!({ "first": 5, "before": cursor }), "`first` goes with `after`"),
            (json!({ "last": 5, "after": cursor }), "`last` goes with `before`"),
        ] {
            let answer = ask_page(world, wrong.clone()).await;

            assert_eq!(code(&answer), "BAD_USER_INPUT", "{wrong}");
            assert!(message(&answer).contains(named), "{wrong}: {}", message(&answer));
            assert_eq!(answer["data"], Value::Null, "{wrong}");
        }
        for wrong in [json!({ "first": "5" }), json!({ "first": 1.5 }), json!({ "first": 3_000_000_000_i64 })] {
            let answer = ask_page(world, wrong.clone()).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{wrong}");
        }
    }

    async fn an_empty_workspace_has_an_empty_page(world: &World) {
        let empty = page(world, json!({})).await;

        assert_eq!(empty["nodes"], json!([]));
        assert_eq!(empty["edges"], json!([]));
        assert_eq!(flags(&empty), (false, false));
        assert_eq!(empty["totalCount"], "0");
    }
}
