//! Takes secrets out of texts that are not ours (Stripe contract section 10).

use std::borrow::Cow;

/// What keys, tokens, signing secrets and OAuth codes start with.
const PREFIXES: [&str; 8] = ["sk_", "rk_", "pk_", "mk_", "ek_", "whsec_", "rt_", "ac_"];

/// Replaces whatever looks like a key, token or secret; for every foreign text before it is logged.
///
/// A match may stand inside a word: hiding half a harmless word costs nothing, printing a key does.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    let mut clean = String::new();
    while let Some((start, end)) = find_secret(rest) {
        clean.push_str(&rest[..start]);
        clean.push_str("[redacted]");
        rest = &rest[end..];
    }
    if clean.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// A short machine word of Stripe's, such as an error code, or nothing when it may be something else.
pub(super) fn machine_word(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    let secret = PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        || text.contains("_live_")
        || text.contains("_test_");
    let fits = !text.is_empty() && text.len() <= 100 && text.chars().all(plain);
    (fits && !secret).then(|| text.to_owned())
}

fn find_secret(text: &str) -> Option<(usize, usize)> {
    let found = PREFIXES.iter().filter_map(|prefix| {
        text.match_indices(prefix).find_map(|(start, _)| {
            let body = start + prefix.len();
            let length = text[body..]
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'*'))
                .count();
            (length > 0).then_some((start, body + length))
        })
    });
    found.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_secret_is_hidden_wherever_it_stands() {
        for secret in [
            "sk_live_1a",
            "rk_test_****9",
            "pk_live_x",
            "mk_1",
            "ek_1",
            "whsec_a1",
            "rt_9",
            "ac_7",
        ] {
            let clean = redact(&format!("before '{secret}' and glued{secret}, end")).into_owned();
            assert_eq!(clean, "before '[redacted]' and glued[redacted], end");
        }
    }

    #[test]
    fn a_text_without_secrets_is_left_alone() {
        for text in [
            "",
            "No such charge: 'ch_1'",
            "sk_ alone",
            "größer als acct_1",
        ] {
            assert!(
                matches!(redact(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn only_machine_words_are_kept() {
        assert_eq!(
            machine_word("starting_after").as_deref(),
            Some("starting_after")
        );
        assert_eq!(
            machine_word("created[gte]").as_deref(),
            Some("created[gte]")
        );
        for text in [
            "",
            "two words",
            "sk_live_1",
            "my_live_key",
            "Größe",
            &"x".repeat(101),
        ] {
            assert_eq!(machine_word(text), None, "{text}");
        }
    }
}
