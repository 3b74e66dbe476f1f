//! What people and merchants write, in the scripts they write it in.

use serde_json::{Map, Value};

use super::Dice;

pub(super) const NAMES: [(&str, &str); 16] = [
    ("Jenny Rosen", "jenny.rosen"),
    ("José Álvarez", "jose.alvarez"),
    ("Анна Соколова", "anna.sokolova"),
    ("محمد الأحمد", "m.alahmad"),
    ("田中 さくら", "sakura.tanaka"),
    ("김민준", "minjun.kim"),
    ("王小明", "xm.wang"),
    ("Zoë Müller", "zoe.mueller"),
    ("Øyvind Ås", "oyvind.as"),
    ("Łukasz Żak", "lukasz.zak"),
    ("Aoife O'Brien", "aoife.obrien"),
    ("Nguyễn Thị Hoa", "hoa.nguyen"),
    ("Ravi \"RJ\" Patel", "rj.patel"),
    ("Sofia Costa", "sofia.costa"),
    ("Émile Dubois", "emile.dubois"),
    ("Maria Garcia", "maria.garcia"),
];

const DESCRIPTIONS: [&str; 12] = [
    "Subscription update",
    "Subscription creation",
    "Order #10482",
    "Заказ № 5521",
    "طلب رقم 731",
    "注文 20451 — 送料込み",
    "订单 88123",
    "주문 4410",
    "☕️ Coffee club, monthly",
    "Commande n° 77 (cadeau 🎁)",
    "Invoice 2F1A-0007",
    "Größe L, Farbe „blau“",
];

const METADATA: [(&str, &str); 13] = [
    ("order_id", "1001"),
    ("campaign", "spring_sale"),
    ("источник", "рассылка"),
    ("الفرع", "دبي مول"),
    ("店舗", "渋谷"),
    ("渠道", "小程序"),
    ("note", "🎉 first order 🎉"),
    ("utm_source", "newsletter"),
    ("größe", "XL"),
    ("quote", "he said \"ship it\"\nand left"),
    ("sku", "TSHIRT-BLK-M"),
    ("path", "C:\\orders\\17"),
    // People type card numbers everywhere.
    ("memo", "card 4242 4242 4242 4242"),
];

/// What the merchant wrote on a payment.
pub(super) fn description(dice: &mut Dice) -> Option<String> {
    dice.chance(0.8)
        .then(|| (*dice.pick(&DESCRIPTIONS)).to_owned())
}

/// Up to four pairs, in no script in particular.
pub(super) fn metadata(dice: &mut Dice) -> Map<String, Value> {
    let pairs = if dice.chance(0.4) {
        0
    } else {
        dice.index(4) + 1
    };
    (0..pairs)
        .map(|_| {
            let (key, value) = dice.pick(&METADATA);
            let value = if *key == "order_id" {
                dice.digits(6)
            } else {
                (*value).to_owned()
            };
            ((*key).to_owned(), Value::from(value))
        })
        .collect()
}
