//! A light client: requests that are ready go out over connections that stay open, each as soon as the one before it was
//! answered, and of the answers only the length is understood.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::processor;

/// A request as it goes over the wire.
pub(crate) type Request = Vec<u8>;

/// What a round took, or several.
#[derive(Default)]
pub(crate) struct Took {
    whole: Duration,
    /// From sending each request to its whole answer.
    each: Vec<Duration>,
    /// Processor time of this process without the client's.
    server: Duration,
    /// Processor time of all other processes: the database, where it is one.
    others: Duration,
}

impl Took {
    /// Puts another round to this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.whole += other.whole;
        self.server += other.server;
        self.others += other.others;
        self.each.extend(other.each);
        self.each.sort_unstable();
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count() / self.whole.as_secs_f64()
    }

    /// Microseconds of processor time for each request: the server's, and that of all other processes.
    pub(crate) fn cpu(&self) -> (f64, f64) {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / self.count();
        (each(self.server), each(self.others))
    }

    /// What this share of the requests took at most, in milliseconds.
    pub(crate) fn quantile(&self, percent: usize) -> f64 {
        let at = (self.each.len() * percent / 100).min(self.each.len().saturating_sub(1));
        self.each.get(at).map_or(0.0, Duration::as_secs_f64) * 1_000.0
    }

    fn count(&self) -> f64 {
        u32::try_from(self.each.len()).map_or(f64::INFINITY, f64::from)
    }
}

/// Sends requests over so many connections for so long, from a thread of its own; every answer must be 200.
pub(crate) async fn send(
    address: SocketAddr,
    requests: Vec<Request>,
    connections: usize,
    time: Duration,
) -> Took {
    let (machine, before) = (processor::of_machine(), processor::of_process());
    let client = tokio::task::spawn_blocking(move || {
        let before = processor::of_thread();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let took = runtime.block_on(send_all(address, &requests, connections, time))?;
        Ok::<_, std::io::Error>((took, processor::of_thread().saturating_sub(before)))
    });
    let (took, client) = client.await.expect("the client's thread").expect("answers");
    let used = processor::of_process().saturating_sub(before);
    let machine = processor::of_machine().saturating_sub(machine);
    Took {
        server: used.saturating_sub(client),
        others: machine.saturating_sub(used),
        ..took
    }
}

/// The body of the answer to one request.
pub(crate) async fn body(address: SocketAddr, request: &Request) -> Vec<u8> {
    let mut connection = Connection::open(address).await.expect("a connection");
    connection.ask(request).await.expect("an answer");
    connection.body().to_vec()
}

async fn send_all(
    address: SocketAddr,
    requests: &[Request],
    connections: usize,
    time: Duration,
) -> std::io::Result<Took> {
    let open = (0..connections).map(|_| Connection::open(address));
    let open = try_join_all(open).await?;
    let started = Instant::now();
    let until = started + time;
    let each = open
        .into_iter()
        .enumerate()
        .map(|(first, mut connection)| async move {
            let mut took = Vec::new();
            for request in requests.iter().cycle().skip(first * 31 % requests.len()) {
                let sent = Instant::now();
                if sent >= until {
                    break;
                }
                connection.ask(request).await?;
                took.push(sent.elapsed());
            }
            Ok::<_, std::io::Error>(took)
        });
    let each = try_join_all(each).await?.concat();
    Ok(Took {
        whole: started.elapsed(),
        each,
        ..Took::default()
    })
}

/// A connection, with the last answer.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    head: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(64 * 1_024),
            head: 0,
        })
    }

    async fn ask(&mut self, request: &Request) -> std::io::Result<()> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let end = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(self.unexpected());
            }
            if let Some(end) = self.end() {
                break end;
            }
        };
        while self.answer.len() < end {
            self.stream.read_buf(&mut self.answer).await?;
        }
        if self.answer.starts_with(b"HTTP/1.1 200") {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Where the answer ends, once its head is there.
    fn end(&mut self) -> Option<usize> {
        let head = self
            .answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")?
            + 4;
        self.head = head;
        let text = str::from_utf8(&self.answer[..head]).ok()?;
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))?;
        Some(head + length.parse::<usize>().ok()?)
    }

    fn body(&self) -> &[u8] {
        &self.answer[self.head..]
    }

    fn unexpected(&self) -> std::io::Error {
        let text = String::from_utf8_lossy(&self.answer);
        std::io::Error::other(format!("answered {text}"))
    }
}
