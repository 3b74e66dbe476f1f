//! A way to Redis that can be cut.

use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Carries everything to Redis and back until it is cut.
pub struct RedisLink {
    /// Redis, over the link.
    pub url: SecretString,
    up: watch::Sender<bool>,
}

impl RedisLink {
    /// A link to the Redis of a `redis://host:port` URL.
    pub async fn to(url: &SecretString) -> Self {
        let url = url.expose_secret();
        let (_, rest) = url.split_once("://").expect("a URL");
        let target = rest.split('/').next().unwrap_or(rest).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let here = listener.local_addr().expect("an address").to_string();
        let (up, state) = watch::channel(true);
        let url = url.replacen(&target, &here, 1).into();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), state.clone()));
            }
        });
        Self { url, up }
    }

    /// Ends all connections, and every new one at once.
    pub fn cut(&self) {
        self.up.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.up.send_replace(true);
    }
}

/// Carries bytes both ways while the link is up.
async fn carry(mut client: TcpStream, target: String, mut up: watch::Receiver<bool>) {
    if !*up.borrow() {
        return;
    }
    let mut server = TcpStream::connect(target).await.expect("Redis");
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = up.wait_for(|up| !*up) => {}
    }
}
