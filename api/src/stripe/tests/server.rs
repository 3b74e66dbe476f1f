//! A server on this machine that gives canned answers, one per request.

use std::{
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    clock::{Clock, SharedClock},
    stripe::{ApiKey, ClientOptions, Credential, RetryPolicy, StripeClient},
};

/// The second at which the tests' clock stands.
pub(super) const NOW: i64 = 1_785_500_000;

/// Longer than any answer here takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The head and body of each request, in order, and where the server is.
pub(super) struct Server {
    pub(super) client: StripeClient,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What to answer with.
pub(super) enum Canned {
    Raw(String),
    /// Accepts the request and says nothing more.
    Stall,
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 123_456_789).unwrap()
    }
}

/// An answer with the right length.
pub(super) fn answer(status: u16, headers: &str, body: &str) -> Canned {
    let length = body.len();
    Canned::Raw(format!(
        "HTTP/1.1 {status} X\r\nRequest-Id: req_1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

/// A JSON answer that is a success.
pub(super) fn ok(body: &str) -> Canned {
    answer(200, "Content-Type: application/json\r\n", body)
}

pub(super) fn credential() -> Credential {
    ApiKey::parse("rk_test_51SecretSecret", false)
        .unwrap()
        .into()
}

impl Server {
    /// Answers as many requests as there are answers, then refuses connections.
    pub(super) async fn start(answers: Vec<Canned>) -> Self {
        Self::start_impatient(answers, PATIENCE).await
    }

    /// The same, with a client that gives each request so much time.
    pub(super) async fn start_impatient(answers: Vec<Canned>, patience: Duration) -> Self {
        install_crypto();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for canned in answers {
                let (mut socket, _) = listener.accept().await.unwrap();
                let request = read_request(&mut socket).await;
                seen.lock().unwrap().push(request);
                match canned {
                    Canned::Raw(text) => drop(socket.write_all(text.as_bytes()).await),
                    Canned::Stall => {
                        tokio::spawn(async move {
                            tokio::time::sleep(Duration::from_mins(1)).await;
                            drop(socket);
                        });
                    }
                }
            }
        });
        Self {
            client: client(&format!("http://{address}/"), patience),
            requests,
        }
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A clock that stands at [`NOW`] and a bit.
pub(super) fn clock() -> SharedClock {
    Arc::new(Stopped)
}

/// A client whose pauses are too short to notice.
pub(super) fn client(url: &str, patience: Duration) -> StripeClient {
    install_crypto();
    let options = ClientOptions {
        api_url: url.parse().unwrap(),
        request_timeout: patience,
        connect_timeout: PATIENCE,
        user_agent: "Inlet/test".to_owned(),
        retry: RetryPolicy {
            attempts: 3,
            base: Duration::from_millis(1),
            cap: Duration::from_millis(2),
            deadline: 3 * PATIENCE,
        },
    };
    StripeClient::new(options, clock()).unwrap()
}

fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another test module of the same binary may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let complete = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            body.len() >= length.map_or(0, |length| length.parse().unwrap())
        });
        if complete || count == 0 {
            return text;
        }
    }
}
