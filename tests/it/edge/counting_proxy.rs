//! A way to PostgreSQL that writes down every statement that goes over it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
};

/// Forwards every connection and reads what the client sends.
pub(super) struct CountingProxy {
    /// The database's URL through the proxy.
    pub(super) url: String,
    statements: Arc<Mutex<Vec<String>>>,
}

impl CountingProxy {
    /// A proxy before the database of a `postgres://user@host:port/name` URL.
    pub(super) async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let (_, rest) = url.split_once('@').unwrap();
        let there = rest.split('/').next().unwrap().to_owned();
        let statements: Arc<Mutex<Vec<String>>> = Arc::default();
        let (told, target) = (Arc::clone(&statements), there.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone(), Arc::clone(&told)));
            }
        });
        Self {
            url: url.replacen(&there, &here, 1),
            statements,
        }
    }

    /// The statements executed since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }
}

async fn forward(client: TcpStream, target: String, statements: Arc<Mutex<Vec<String>>>) {
    let server = TcpStream::connect(target).await.unwrap();
    for side in [&client, &server] {
        side.set_nodelay(true).unwrap();
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    let mut names: HashMap<Vec<u8>, String> = HashMap::new();
    let mut begun = false;
    while let Some((kind, message)) = message(&mut from_client, begun).await {
        if !begun {
            // Any request for encryption comes before the message that begins.
            begun = message[4..8] != 80_877_103_u32.to_be_bytes();
        } else if let Some(statement) = executed(kind, &message[5..], &mut names) {
            statements.lock().unwrap().push(statement);
        }
        if to_server.write_all(&message).await.is_err() {
            break;
        }
    }
    drop(to_server);
    let _ = back.await;
}

/// The next message of the client, with its kind; the first ones have none.
async fn message(from: &mut OwnedReadHalf, begun: bool) -> Option<(u8, Vec<u8>)> {
    let mut head = vec![0; if begun { 5 } else { 4 }];
    from.read_exact(&mut head).await.ok()?;
    let (kind, length) = head.split_at(head.len() - 4);
    let kind = kind.first().copied().unwrap_or_default();
    let length = usize::try_from(u32::from_be_bytes(length.try_into().unwrap())).unwrap();
    let mut body = vec![0; length - 4];
    from.read_exact(&mut body).await.ok()?;
    head.extend(body);
    Some((kind, head))
}

/// The statement that a message executes. Prepared ones are remembered by name.
fn executed(kind: u8, body: &[u8], names: &mut HashMap<Vec<u8>, String>) -> Option<String> {
    let mut texts = body.split(|byte| *byte == 0);
    let mut text = || texts.next().unwrap_or_default().to_vec();
    match kind {
        b'P' => {
            let (name, statement) = (text(), text());
            names.insert(name, String::from_utf8(statement).unwrap());
            None
        }
        b'B' => {
            let (_portal, name) = (text(), text());
            names.get(&name).cloned()
        }
        b'Q' => String::from_utf8(text()).ok(),
        _ => None,
    }
}
