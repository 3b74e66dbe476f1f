//! A light client: bytes that are ready go out, and of the answers only the status is read.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request as it goes over the wire.
pub(crate) type Request = Vec<u8>;

/// Connections that are kept alive, each with one request under way.
const CONNECTIONS: usize = 32;

/// How long it took.
pub(crate) struct Took {
    pub(crate) whole: Duration,
    /// From sending each request to its answer, the shortest first.
    each: Vec<Duration>,
}

impl Took {
    pub(crate) fn rate(&self) -> f64 {
        rate(self.each.len(), self.whole)
    }

    /// What this share of the requests took at most, in milliseconds.
    pub(crate) fn quantile(&self, percent: usize) -> f64 {
        let at = (self.each.len() * percent / 100).min(self.each.len().saturating_sub(1));
        self.each.get(at).map_or(0.0, Duration::as_secs_f64) * 1_000.0
    }
}

/// How many a second.
pub(crate) fn rate(count: usize, time: Duration) -> f64 {
    let count = u32::try_from(count).map_or(f64::INFINITY, f64::from);
    count / time.as_secs_f64()
}

/// Sends all requests, each once, from a thread of its own; every answer must be 200.
pub(crate) async fn send(address: SocketAddr, requests: Vec<Request>) -> Took {
    let client = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(send_all(address, &requests))
    });
    let took = client.await.expect("the client's thread");
    took.expect("an answer to every request")
}

async fn send_all(address: SocketAddr, requests: &[Request]) -> std::io::Result<Took> {
    let next = AtomicUsize::new(0);
    let streams = (0..CONNECTIONS).map(|_| TcpStream::connect(address));
    let streams = try_join_all(streams).await?;
    let started = Instant::now();
    let each = streams
        .into_iter()
        .map(|stream| one_by_one(stream, requests, &next));
    let each = try_join_all(each).await?;
    let whole = started.elapsed();
    let mut each = each.concat();
    each.sort_unstable();
    Ok(Took { whole, each })
}

async fn one_by_one(
    mut stream: TcpStream,
    requests: &[Request],
    next: &AtomicUsize,
) -> std::io::Result<Vec<Duration>> {
    stream.set_nodelay(true)?;
    let mut took = Vec::new();
    let mut answer = [0; 2_048];
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let sent = Instant::now();
        stream.write_all(request).await?;
        let mut length = 0;
        // An acknowledgement has no body: it ends with its head.
        while !answer[..length].ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut answer[length..]).await?;
            length += read;
            if read == 0 || !answer.starts_with(b"HTTP/1.1 200") {
                let text = String::from_utf8_lossy(&answer[..length]);
                return Err(std::io::Error::other(format!("answered {text}")));
            }
        }
        took.push(sent.elapsed());
    }
    Ok(took)
}
