//! Card numbers in free text: nobody should have typed one there, and none is stored.

use std::borrow::Cow;

/// The lengths of card numbers (ISO/IEC 7812).
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Replaces all but the last four digits of every card number in a text: 13 to 19 digits that satisfy the Luhn
/// check, however they are grouped by single spaces or dashes.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    if text.bytes().filter(u8::is_ascii_digit).count() < *LENGTHS.start() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut masked: Option<Vec<u8>> = None;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let digits = run(bytes, at);
        if is_card_number(bytes, &digits) {
            let masked = masked.get_or_insert_with(|| bytes.to_vec());
            for position in &digits[..digits.len() - 4] {
                masked[*position] = b'*';
            }
        }
        at = digits.last().map_or(at, |last| *last) + 1;
    }
    match masked.map(String::from_utf8) {
        Some(Ok(masked)) => Cow::Owned(masked),
        _ => Cow::Borrowed(text),
    }
}

/// The positions of the digits that belong together from here on.
fn run(bytes: &[u8], start: usize) -> Vec<usize> {
    let mut digits = vec![start];
    let mut at = start + 1;
    while at < bytes.len() {
        let grouped =
            matches!(bytes[at], b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if grouped {
            at += 1;
        } else if !bytes[at].is_ascii_digit() {
            break;
        }
        digits.push(at);
        at += 1;
    }
    digits
}

fn is_card_number(bytes: &[u8], digits: &[usize]) -> bool {
    if !LENGTHS.contains(&digits.len()) {
        return false;
    }
    let value = |position: &usize| u32::from(bytes[*position] - b'0');
    let sum: u32 = digits
        .iter()
        .rev()
        .map(value)
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) => doubled % 10 + doubled / 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_masked_however_they_are_written() {
        assert_eq!(mask("card 4242424242424242!"), "card ************4242!");
        assert_eq!(mask("4242 4242-4242 4242"), "**** ****-**** 4242");
        assert_eq!(mask("ключ 378282246310005 ок"), "ключ ***********0005 ок");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "order 4242424242424241",
            "1234",
            "2026-11-23 10:11:12",
            "+49 170 1234567",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
