//! What a connection may be called.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::{connect_as, only_error, rename, token_of},
    database::stored,
};

fn refused(payload: &Value, name: &str) {
    let error = only_error(payload);
    assert_eq!(
        error["__typename"], "InvalidInputError",
        "{name:?}: {error}"
    );
    assert_eq!(error["path"], json!(["input", "name"]), "{name:?}: {error}");
}

on_every_backend! {
    async fn a_name_that_cannot_be_read_is_refused(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let (_, another) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let before = stored(world).await;
        world.stripe.clear_requests();
        let (long, huge) = ("é".repeat(101), "x".repeat(200_000));

        for name in [
            "", "   ", "\t\n", "\u{3000}\u{a0}", "\u{200b}", "\u{200d}\u{feff}\u{2060}", "\u{ad}",
            "a\0b", "\0", "a\nb", "a\rb", "a\tb", "a\u{7f}b", "a\u{85}b", "\u{1b}[31mred",
            "a\u{2028}b", "a\u{2029}b", "a\u{202e}b", "a\u{202a}b", "a\u{2066}b", "a\u{2069}b",
            &long, &huge,
        ] {
            refused(&world.try_connect(name, &another).await, name);
            refused(&rename(world, &id, name).await, name);
        }

        assert!(world.asked().is_empty());
        assert_eq!(stored(world).await, before);
    }

    async fn a_name_of_letters_that_show_nothing_is_refused(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;

        // Hangul fillers, the blank of Braille, a variation selector, a tag, marks of Mongolian and Arabic, a joiner.
        let mut taken = Vec::new();
        for name in [
            "\u{3164}", "\u{115f}\u{1160}", "\u{ffa0}", "\u{2800}", "\u{fe0f}", "\u{e0020}", "\u{180e}",
            "\u{61c}", "\u{34f}",
        ] {
            let payload = rename(world, &id, name).await;
            if payload["connection"].is_object() {
                taken.push(name);
            } else {
                refused(&payload, name);
            }
        }
        assert_eq!(taken, Vec::<&str>::new());
    }

    async fn a_name_of_any_script_is_kept_as_it_was_given(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("x", &key).await;
        let longest = "é".repeat(100);
        let widest = "😀".repeat(100);

        for name in [
            "Läden Süd", "متجر", "חנות", "東京店", "Магазин", "ร้านค้า", "👩‍💻 shop", "Cafe\u{301}", "Ｓｈｏｐ",
            "%_\\'\";--", "<b>&amp;</b>", "{{name}}", "a  b", "1", &longest, &widest,
        ] {
            let payload = rename(world, &id, &format!(" \u{3000}{name}\t ")).await;
            assert_eq!(payload["errors"], json!([]), "{name}");
            assert_eq!(payload["connection"]["name"], name);
            let query = "query($id: ID!) { connection(id: $id) { name } }";
            let data = world.data(query, json!({ "id": id })).await;
            assert_eq!(data["connection"]["name"], name);
        }
    }

    async fn another_workspace_may_use_the_same_name(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let other = token_of(world, "other").await;
        world.connect("Shop", &key).await;

        let theirs = connect_as(world, &other, "SHOP", &key).await;

        assert_eq!(theirs["errors"], json!([]));
        assert_eq!(theirs["connection"]["name"], "SHOP");
    }
}
