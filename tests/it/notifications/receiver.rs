//! A partner's server that can be steered.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a message is answered.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// With this status.
    Status(u16),
    /// With this status and a header.
    With(u16, &'static str, String),
    /// Not at all.
    Silence,
}

/// A message that came.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    pub(super) id: String,
    pub(super) timestamp: i64,
    /// All that is in `webhook-signature`.
    pub(super) signatures: Vec<String>,
    pub(super) content_type: String,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Arrived {
    /// Whether one of the signatures is by a secret: as the specification says, and by other code than what signed.
    pub(super) fn is_signed_by(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("the form of a secret");
        let key = STANDARD.decode(key).expect("base64");
        let content = format!("{}.{}.{}", self.id, self.timestamp, self.text);
        let expected = format!("v1,{}", STANDARD.encode(hmac(&key, content.as_bytes())));
        self.signatures.contains(&expected)
    }
}

/// RFC 2104, over SHA-256.
fn hmac(key: &[u8], content: &[u8]) -> [u8; 32] {
    assert!(key.len() <= 64, "longer keys are hashed first");
    let padded = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(content);
    let outer = Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner.finalize());
    outer.finalize().into()
}

#[derive(Default)]
struct Desk {
    arrived: Mutex<Vec<Arrived>>,
    /// How the next ones are answered.
    replies: Mutex<VecDeque<Reply>>,
    /// How all others are answered; 200 where it is none.
    usual: Mutex<Option<Reply>>,
}

/// The server.
pub(super) struct Receiver {
    desk: Arc<Desk>,
    port: u16,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(take).with_state(Arc::clone(&desk));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            desk,
            port,
            serving,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    /// Answers all that comes from now on like this.
    pub(super) fn answer(&self, reply: Reply) {
        *self.desk.usual.lock().unwrap() = Some(reply);
    }

    /// Answers the next message like this.
    pub(super) fn answer_next(&self, reply: Reply) {
        self.desk.replies.lock().unwrap().push_back(reply);
    }

    /// All that came.
    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.desk.arrived.lock().unwrap().clone()
    }

    /// Waits until so many messages have come; all of them.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Arrived> {
        self.wait_until(|arrived| arrived.len() >= count).await
    }

    /// Waits for the first message of a type.
    pub(super) async fn wait_for_type(&self, event_type: &str) -> Arrived {
        let is_it = |message: &Arrived| message.body["type"] == event_type;
        let arrived = self.wait_until(|arrived| arrived.iter().any(is_it)).await;
        arrived.into_iter().find(is_it).unwrap()
    }

    pub(super) async fn wait_until(&self, holds: impl Fn(&[Arrived]) -> bool) -> Vec<Arrived> {
        let waiting = async {
            loop {
                let arrived = self.arrived();
                if holds(&arrived) {
                    return arrived;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("it never came: {:#?}", self.arrived()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    text: String,
) -> impl IntoResponse {
    let header = |name: &str| {
        let value = headers.get(name).unwrap_or_else(|| panic!("no {name}"));
        value.to_str().unwrap().to_owned()
    };
    let arrived = Arrived {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signatures: header("webhook-signature")
            .split(' ')
            .map(str::to_owned)
            .collect(),
        content_type: header("content-type"),
        body: serde_json::from_str(&text).unwrap(),
        text,
    };
    desk.arrived.lock().unwrap().push(arrived);
    let next = desk.replies.lock().unwrap().pop_front();
    let usual = desk.usual.lock().unwrap().clone();
    let status = |status| StatusCode::from_u16(status).unwrap();
    let mut sent = HeaderMap::new();
    match next.or(usual).unwrap_or(Reply::Status(200)) {
        Reply::Status(code) => (status(code), sent),
        Reply::With(code, name, value) => {
            sent.insert(name, value.parse().unwrap());
            (status(code), sent)
        }
        Reply::Silence => std::future::pending().await,
    }
}

#[test]
fn the_receiver_verifies_the_example_of_the_specification() {
    let text = r#"{"test": 2432232314}"#;
    let mut arrived = Arrived {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
        timestamp: 1_614_265_330,
        signatures: vec!["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()],
        content_type: String::new(),
        text: text.to_owned(),
        body: Value::Null,
    };
    assert!(arrived.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    arrived.timestamp += 1;
    assert!(!arrived.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
}
