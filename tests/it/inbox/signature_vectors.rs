//! Our verdict on a signature is that of Stripe's own libraries, except that the future is refused.

use api::stripe::{Signature, SignatureError};
use chrono::DateTime;
use secrecy::SecretString;
use serde_json::Value;

#[expect(
    clippy::disallowed_methods,
    reason = "the test script tells where the vectors are"
)]
fn vectors() -> Option<String> {
    let path = std::env::var("TEST_SIGNATURE_VECTORS").ok()?;
    Some(std::fs::read_to_string(path).unwrap())
}

fn verdict(vector: &Value) -> Result<usize, SignatureError> {
    let text = |name: &str| vector[name].as_str().unwrap();
    let now = DateTime::from_timestamp(vector["now"].as_i64().unwrap(), 0).unwrap();
    let signature = Signature::read(Some(text("header").as_bytes()), now)?;
    let secret = SecretString::from(text("secret"));
    signature.check(text("payload").as_bytes(), [&secret])
}

#[test]
fn stripes_own_libraries_judge_alike() {
    let Some(vectors) = vectors() else {
        eprintln!("skipped: TEST_SIGNATURE_VECTORS is not set; use scripts/test");
        return;
    };
    let mut judged = std::collections::BTreeMap::new();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let theirs = vector["verifies"].as_bool().unwrap();
        let ours = verdict(&vector);
        assert_eq!(ours.is_ok(), theirs, "{ours:?}: {line:.300}");
        let library = vector["library"].as_str().unwrap().to_owned();
        let counts: &mut (u32, u32) = judged.entry(library).or_default();
        if theirs {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
    }
    for library in ["node", "python"] {
        let (good, bad) = judged[library];
        assert!(good > 30 && bad > 50, "{library}: {good} good, {bad} bad");
    }
}
