//! How a file is sent.

use reqwest::Method;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{fetch, here, ordered, plain, ready};
use crate::edge::Shop;

async fn link(world: &World, format: &str) -> String {
    let id = ordered(world, json!({ "format": format })).await;
    let export = ready(world, &id).await;
    export["downloadUrl"].as_str().unwrap().to_owned()
}

on_every_backend! {
    async fn a_file_is_sent_compressed_to_those_who_take_that(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(2_100)).await;

        for (format, media) in [("JSONL", "application/jsonl; charset=utf-8"), ("CSV", "text/csv; charset=utf-8; header=present")] {
            let url = link(world, format).await;

            let plain = fetch(world, Method::GET, &url, Some("identity")).await;
            let packed = fetch(world, Method::GET, &url, Some("br, gzip;q=0.8")).await;
            let read = fetch(world, Method::GET, &url, None).await;

            for file in [&plain, &packed, &read] {
                assert_eq!(file.status, 200);
                assert_eq!(file.header("content-type"), media);
                assert_eq!(file.header("cache-control"), "private, no-store");
                assert_eq!(file.header("vary"), "accept-encoding");
                let name = file.header("content-disposition");
                let end = format!("Z.{}\"", format.to_lowercase());
                assert!(name.starts_with("attachment; filename=\"payments-2") && name.ends_with(&end), "{name}");
            }
            assert_eq!(plain.header("content-encoding"), "");
            assert_eq!(plain.header("content-length"), plain.bytes.len().to_string());
            assert_eq!(packed.header("content-encoding"), "gzip");
            assert_eq!(packed.header("content-length"), packed.bytes.len().to_string());
            assert_eq!(packed.bytes[..3], [0x1f, 0x8b, 8]);
            assert!(packed.bytes.len() * 4 < plain.bytes.len(), "{} of {}", packed.bytes.len(), plain.bytes.len());
            assert_eq!(read.bytes, plain.bytes);
        }
    }

    async fn head_tells_the_same_and_sends_nothing(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let url = link(world, "CSV").await;

        let full = fetch(world, Method::GET, &url, Some("identity")).await;
        let head = fetch(world, Method::HEAD, &url, Some("identity")).await;

        assert_eq!((head.status, head.bytes.len()), (200, 0));
        for name in ["content-type", "content-length", "content-disposition", "cache-control"] {
            assert_eq!(head.header(name), full.header(name), "{name}");
        }
        assert_eq!(fetch(world, Method::POST, &url, None).await.status, 405);
    }

    async fn a_file_that_goes_meanwhile_is_cut_off_and_not_ended(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(2_100)).await;
        let url = link(world, "JSONL").await;
        let tables = tests::Tables::open(&world.database_url()).await;
        tables.texts("DELETE FROM payment_export_chunks WHERE number = 1 RETURNING ''").await;
        tables.close().await;

        for coding in ["identity", "gzip"] {
            let broken = cut_off(world, &url, coding).await;
            assert!(broken, "{coding}: a part of a file looks like the whole");
        }
    }

    async fn many_may_read_one_file(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(1_200)).await;
        let url = link(world, "JSONL").await;

        let files = futures_util::future::join_all((0..12).map(|_| fetch(world, Method::GET, &url, None))).await;

        for file in &files {
            assert_eq!(file.lines().len(), 1_200);
            assert_eq!(file.bytes, files[0].bytes);
        }
        assert_ne!(files[0].lines()[0]["id"], Value::Null);
    }
}

/// Whether the connection broke before the end of the answer.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are clients of the gateway, not of Stripe"
)]
async fn cut_off(world: &World, url: &str, coding: &str) -> bool {
    let request = plain().get(here(world, url));
    let answer = request
        .header("accept-encoding", coding)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.is_err()
}
