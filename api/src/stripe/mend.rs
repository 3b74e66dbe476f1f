//! Makes Stripe's JSON fit for storage: no NUL, no lone half of a surrogate pair, valid UTF-8.
//!
//! Not every database takes NUL in text, and serde refuses lone surrogates; mended before parsing,
//! all databases hold the same and one odd text does not spoil an object.

use memchr::{memchr, memmem};

/// Six bytes, as long as what it replaces.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// Replaces what cannot be stored by U+FFFD; any other JSON comes back unchanged.
pub(super) fn mend(mut json: Vec<u8>) -> String {
    if memmem::find(&json, b"\\u").is_some() {
        mend_escapes(&mut json);
    }
    String::from_utf8(json)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Walks from escape to escape, so that an escaped backslash before a `u` is not taken for one.
fn mend_escapes(json: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = memchr(b'\\', &json[at..]) {
        at += found;
        at += match unit(json, at) {
            Some(0xD800..=0xDBFF) if matches!(unit(json, at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0 | 0xD800..=0xDFFF) => {
                json[at..at + 6].copy_from_slice(REPLACEMENT);
                6
            }
            Some(_) => 6,
            None => 2,
        };
        if at >= json.len() {
            break;
        }
    }
}

/// The UTF-16 unit that is escaped at this place, if one is.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |sum: u16, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(sum << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn mended(json: &str) -> String {
        mend(json.as_bytes().to_vec())
    }

    #[test]
    fn only_what_cannot_be_stored_is_replaced() {
        for (json, wanted) in [
            (r#""a\u0000b""#, r#""a\ufffdb""#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\u0000 \\\u0000""#, r#""\\u0000 \\\ufffd""#),
            (r#""\u0041\n""#, r#""\u0041\n""#),
        ] {
            assert_eq!(mended(json), wanted);
        }
    }

    #[test]
    fn broken_escapes_and_broken_utf8_do_no_harm() {
        for json in [r#""\u00"#, r"\u", r"\", r#""\uzzzz""#, r#""\ud83d\u"#] {
            assert_eq!(mended(json).len(), json.len(), "{json}");
        }
        assert_eq!(mend(b"\"\xff\"".to_vec()), "\"\u{fffd}\"");
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
            (0xD800..=0xDFFF_u16).prop_map(|unit| format!("\\u{unit:04X}")),
            Just("\\u0000".to_owned()),
            Just("\\\\".to_owned()),
            Just("\\\"".to_owned()),
            Just("u0000".to_owned()),
            "[a-zé😀 ]{0,3}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn otherwise_valid_json_always_parses(pieces in prop::collection::vec(piece(), 0..20)) {
            let text = pieces.concat();
            let json = format!("{{\"a\":{{\"{text}\":null}},\"b\":[\"{text}\"]}}");
            let clean = mended(&json);
            let value: Value = serde_json::from_str(&clean).unwrap();
            prop_assert!(!value["b"][0].as_str().unwrap().contains('\0'));
            prop_assert_eq!(mended(&clean), clean);
        }

        #[test]
        fn what_needs_no_mending_is_unchanged(text in any::<String>()) {
            let json = Value::String(text.replace('\0', "")).to_string();
            prop_assert_eq!(mended(&json), json);
        }
    }
}
